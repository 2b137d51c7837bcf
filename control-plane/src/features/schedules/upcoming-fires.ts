/** The coming fires of a schedule, or of one that is only being thought of, each with what becomes of it and why. */
import { toUuid } from '@signalbox/proto';
import type { previewScheduleInput, UpcomingFire, upcomingFiresInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { isSound } from '../../domain/schedule/check.ts';
import { upcomingFires } from '../../domain/schedule/upcoming.ts';
import type { Tx } from '../../platform/db.ts';
import { invalidInput, notFound, preconditionFailed } from '../../platform/errors.ts';
import type { Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { calendarIdOf, openCalendars } from '../calendars/index.ts';
import { problemsOf } from './check-schedule.ts';
import { skipsOf } from './fire-store.ts';
import { planOf } from './plan-of.ts';
import { isActive } from './show-schedule.ts';
import { databaseNow, findSchedule, type ScheduleRow } from './store.ts';

type Upcoming = { timezone: string; fires: UpcomingFire[] };

/**
 * The next instants of a schedule that need not be stored anywhere. `fires` alone are the instants, for those who need no more.
 * @throws INVALID_INPUT that names the field of the pattern, the zone or the calendar
 */
export async function previewSchedule(
  ctx: Pick<Ctx, 'tx' | 'workspace'>,
  input: z.output<typeof previewScheduleInput>,
): Promise<{ fires: string[]; timezone: string; upcoming: UpcomingFire[] }> {
  const now = await databaseNow(ctx.tx);
  const { spec, count, ...rules } = input;
  const issues = problemsOf({ spec, rules }, '', now);
  if (issues.length > 0) throw invalidInput(issues);
  const calendarId = await calendarIdOf(ctx.tx, ctx.workspace.id, rules.calendar, 'calendar');
  const calendars = await openCalendars(sqlOfTx(ctx.tx), calendarId === null ? [] : [calendarId]);
  const dates = {
    startsAt: rules.startsAt === null ? null : new Date(rules.startsAt),
    endsAt: rules.endsAt === null ? null : new Date(rules.endsAt),
  };
  const plan = planOf({ ...rules, ...dates, spec, calendarId }, calendars);
  const { timezone, fires } = upcomingFires(
    { ...plan, scheduleId: null, jitterMs: rules.jitterMs, pausedBecause: null, skips: new Map() },
    now.getTime(),
    count,
  );
  return { fires: fires.filter((fire) => fire.fires).map(({ at }) => at), timezone, upcoming: fires };
}

/** @throws NOT_FOUND, or PRECONDITION_FAILED when its spec is broken */
export async function listUpcoming(ctx: Ctx, input: z.output<typeof upcomingFiresInput>): Promise<Upcoming> {
  const row = await findSchedule(ctx.tx, ctx.workspace.id, toUuid('schedule', input.schedule));
  if (!row) throw notFound('schedule', input.schedule);
  return upcomingOf(ctx.tx, row, (await databaseNow(ctx.tx)).getTime(), input.count);
}

/** Instants after `fromMs`. `whether on or off`: as if deployment and schedule were on. */
export async function upcomingOf(
  tx: Tx,
  row: ScheduleRow,
  fromMs: number,
  count: number,
  asked: 'as it is' | 'whether on or off' = 'as it is',
): Promise<Upcoming> {
  if (!isSound(row.spec))
    throw preconditionFailed(`Schedule "${row.slug}" cannot be computed: ${row.problem ?? 'its pattern is not valid'}.`);
  const sql = sqlOfTx(tx);
  const calendars = await openCalendars(sql, row.calendarId === null ? [] : [row.calendarId]);
  const skips = await skipsOf(sql, [row.id], new Date(fromMs));
  return upcomingFires(
    {
      ...planOf(row, calendars),
      scheduleId: row.id,
      jitterMs: row.rules.jitterMs,
      pausedBecause: asked === 'as it is' ? await pausedBecause(tx, row) : null,
      skips: new Map(skips.map(({ at, by, reason }) => [at.getTime(), { by, reason }])),
    },
    fromMs,
    count,
  );
}

async function pausedBecause(tx: Tx, row: ScheduleRow): Promise<string | null> {
  if (!isActive(row)) return 'the schedule is off';
  const deployment = await tx.deployment.findUnique({ where: { id: row.deploymentId }, select: { paused: true } });
  return deployment?.paused ? 'the deployment is paused' : null;
}
