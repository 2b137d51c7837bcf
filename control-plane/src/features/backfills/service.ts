/** Backfills as people watch and steer them. */
import { toUuid } from '@signalbox/proto';
import type { Backfill, cancelBackfillInput, listBackfillsInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, notFound } from '../../platform/errors.ts';
import { cursorUuid, type Page, pageOf } from '../../platform/pagination.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { afterCommit, transitionRuns } from '../dispatch/index.ts';
import { lockBackfill, readBackfills } from './store.ts';

export async function listBackfills(ctx: Ctx, input: z.output<typeof listBackfillsInput>): Promise<Page<Backfill>> {
  const rows = await readBackfills(ctx.tx, {
    workspaceId: ctx.workspace.id,
    deploymentId: input.deployment ? toUuid('deployment', input.deployment) : null,
    before: cursorUuid('backfill', input.cursor),
    limit: input.limit + 1,
  });
  return pageOf(
    'backfill',
    rows,
    input.limit,
    (row) => row.id,
    (row) => row.backfill,
  );
}

/** @throws NOT_FOUND */
export async function getBackfill(ctx: Pick<Ctx, 'tx' | 'workspace'>, input: { backfill: string }): Promise<Backfill> {
  const [row] = await readBackfills(ctx.tx, { workspaceId: ctx.workspace.id, id: toUuid('backfill', input.backfill), limit: 1 });
  if (!row) throw notFound('backfill', input.backfill);
  return row.backfill;
}

/** Makes no more runs until it is resumed; those it made go on. */
export function pauseBackfill(ctx: CommandCtx, input: { backfill: string }): Promise<Audited<Backfill>> {
  return steer(ctx, input.backfill, { from: 'running', to: 'paused' });
}

export function resumeBackfill(ctx: CommandCtx, input: { backfill: string }): Promise<Audited<Backfill>> {
  return steer(ctx, input.backfill, { from: 'paused', to: 'running' });
}

/** Makes no more runs, ever; with `runs`, those that did not end are cancelled too. @throws CONFLICT when it is over */
export async function cancelBackfill(ctx: CommandCtx, input: z.output<typeof cancelBackfillInput>): Promise<Audited<Backfill>> {
  const id = toUuid('backfill', input.backfill);
  const locked = await lockBackfill(ctx.tx, ctx.workspace.id, id);
  if (!locked) throw notFound('backfill', input.backfill);
  if (locked.state === 'done' || locked.state === 'cancelled')
    throw conflict(`The backfill is over (${locked.state}).`, { state: locked.state });
  await ctx.tx.backfill.update({ where: { id }, data: { state: 'cancelled', lookAt: null, endedAt: new Date() } });
  if (input.runs) {
    const live = await ctx.tx.runDispatch.findMany({ where: { runId: { in: locked.openRuns } }, select: { runId: true } });
    const by = `cancelling its backfill`;
    const { effects } = await transitionRuns(
      sqlOfTx(ctx.tx),
      live.map(({ runId }) => ({ runId, intent: { kind: 'cancel' as const, by } })),
    );
    ctx.afterCommit(() => afterCommit(ctx, effects));
  }
  return told(ctx, id, input.backfill, locked.state, 'cancelled');
}

async function steer(
  ctx: CommandCtx,
  ref: string,
  { from, to }: { from: Backfill['state']; to: Backfill['state'] },
): Promise<Audited<Backfill>> {
  const id = toUuid('backfill', ref);
  const locked = await lockBackfill(ctx.tx, ctx.workspace.id, id);
  if (!locked) throw notFound('backfill', ref);
  // Already so: asked for twice, answered as it is.
  if (locked.state !== from && locked.state !== to) throw conflict(`The backfill is over (${locked.state}).`, { state: locked.state });
  await ctx.tx.backfill.update({ where: { id }, data: { state: to, lookAt: to === 'running' ? new Date(0) : null } });
  return told(ctx, id, ref, locked.state, to);
}

async function told(
  ctx: CommandCtx,
  id: string,
  ref: string,
  before: Backfill['state'],
  after: Backfill['state'],
): Promise<Audited<Backfill>> {
  const backfill = await getBackfill(ctx, { backfill: ref });
  ctx.afterCommit(() => ctx.bus.live(ctx.workspace.id, { kind: 'deployment', id: backfill.deployment.id }));
  return audited(backfill, { target: { kind: 'backfill', id }, before: { state: before }, after: { state: after } });
}
