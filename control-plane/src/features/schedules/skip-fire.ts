/** Skipping one coming fire, and putting it back. */
import { toId, toUuid } from '@signalbox/proto';
import type { skipFireInput, UpcomingFire, unskipFireInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { actorName } from '../../platform/actor.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, invalidInput, limitExceeded, notFound, preconditionFailed } from '../../platform/errors.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { lockSchedule, type ScheduleRow } from './store.ts';
import { upcomingOf } from './upcoming-fires.ts';

/** Coming fires of one schedule that are skipped. */
const MOST = 500;

/** @throws NOT_FOUND; INVALID_INPUT when it does not fire at that instant; PRECONDITION_FAILED when its run is made already */
export async function skipFire(ctx: CommandCtx, input: z.output<typeof skipFireInput>): Promise<Audited<UpcomingFire>> {
  const { row, at } = await lockedAt(ctx, input);
  if (row.lowWaterAt >= at)
    throw preconditionFailed(`The fire at ${at.toISOString()} is decided already: cancel its run instead.`, { at: input.at });
  const before = await fireAt(ctx, row, at);
  if (before?.skip) throw conflict(`The fire at ${at.toISOString()} is skipped already, by ${before.skip.by}.`, { at: input.at });
  if (!before?.fires)
    throw invalidInput([
      { field: 'at', expected: `an instant at which the schedule fires${before ? ` (${before.reason})` : ''}`, received: input.at },
    ]);
  if ((await ctx.tx.scheduleSkip.count({ where: { scheduleId: row.id, fireAt: { gt: new Date() } } })) >= MOST)
    throw limitExceeded(`At most ${MOST} coming fires of a schedule are skipped: switch it off instead.`);
  await ctx.tx.scheduleSkip.create({
    data: { scheduleId: row.id, fireAt: at, workspaceId: ctx.workspace.id, skippedBy: nameOf(ctx), reason: input.reason },
  });
  return told(ctx, row, at, null, { at: at.toISOString(), reason: input.reason });
}

/** @throws NOT_FOUND when it is not skipped; PRECONDITION_FAILED when its time has gone by */
export async function unskipFire(ctx: CommandCtx, input: z.output<typeof unskipFireInput>): Promise<Audited<UpcomingFire>> {
  const { row, at } = await lockedAt(ctx, input);
  const where = { scheduleId_fireAt: { scheduleId: row.id, fireAt: at } };
  const skip = await ctx.tx.scheduleSkip.findUnique({ where });
  if (!skip) throw notFound('skipped fire', input.at);
  if (row.lowWaterAt >= at)
    throw preconditionFailed(`The fire at ${at.toISOString()} has gone by: run the deployment by hand instead.`, { at: input.at });
  await ctx.tx.scheduleSkip.delete({ where });
  return told(ctx, row, at, { at: at.toISOString(), by: skip.skippedBy, reason: skip.reason }, null);
}

async function lockedAt(ctx: CommandCtx, input: { schedule: string; at: string }): Promise<{ row: ScheduleRow; at: Date }> {
  const row = await lockSchedule(ctx.tx, ctx.workspace.id, toUuid('schedule', input.schedule));
  if (!row) throw notFound('schedule', input.schedule);
  return { row, at: new Date(input.at) };
}

/** The fire of exactly this instant; null: there is none. */
async function fireAt(ctx: CommandCtx, row: ScheduleRow, at: Date): Promise<UpcomingFire | null> {
  const { fires } = await upcomingOf(ctx.tx, row, at.getTime() - 1, 1, 'whether on or off');
  const [fire] = fires;
  return fire?.at === at.toISOString() ? fire : null;
}

async function told(
  ctx: CommandCtx,
  row: ScheduleRow,
  at: Date,
  before: object | null,
  after: object | null,
): Promise<Audited<UpcomingFire>> {
  const fire = await fireAt(ctx, row, at);
  if (!fire) throw invalidInput([{ field: 'at', expected: 'an instant at which the schedule fires', received: at.toISOString() }]);
  ctx.afterCommit(() => ctx.bus.live(ctx.workspace.id, { kind: 'deployment', id: toId('deployment', row.deploymentId) }));
  return audited(fire, { target: { kind: 'schedule', id: row.id }, before, after });
}

function nameOf({ actor }: CommandCtx): string {
  return actorName(actor);
}
