/** What must be right of a schedule before it is written, whoever writes it. */
import type { FieldIssue } from '@signalbox/proto';
import type { ScheduleRules, ScheduleSpec } from '@signalbox/proto/api';
import { checkSpec } from '../../domain/schedule/check.ts';
import { firesOfPlan, patternOf } from '../../domain/schedule/next-fires.ts';
import type { Tx } from '../../platform/db.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { openCalendars } from '../calendars/index.ts';
import { planOf } from './plan-of.ts';
import type { Restart } from './store.ts';

type Asked = { readonly spec: ScheduleSpec; readonly rules: Pick<ScheduleRules, 'startsAt' | 'endsAt' | 'calendar' | 'onClosedDay'> };

/** Problems of a spec and its bounds that stand at `path` of an input (`schedules.0.`): `schedules.0.spec.cron: field minute`. */
export function problemsOf({ spec, rules }: Asked, path: string, now: Date): FieldIssue[] {
  const issues = checkSpec(spec, now).map((issue) => ({ ...issue, field: `${path}spec.${issue.field}` }));
  if (rules.startsAt !== null && rules.endsAt !== null && Date.parse(rules.endsAt) <= Date.parse(rules.startsAt))
    issues.push({ field: `${path}endsAt`, expected: `an instant after startsAt (${rules.startsAt})`, received: rules.endsAt });
  const unmovable = rules.onClosedDay === 'skip' || issues.length > 0 ? null : whyUnmovable(spec, rules.calendar);
  if (unmovable) issues.push({ field: `${path}onClosedDay`, expected: unmovable, received: JSON.stringify(rules.onClosedDay) });
  return issues;
}

/** Why its fires cannot be moved off closed days, as what is expected instead; null: they can. */
function whyUnmovable(spec: ScheduleSpec, calendar: string | null): string | null {
  if (calendar === null) return '"skip", or a calendar that says which days are closed';
  return patternOf(spec).isRhythm
    ? '"skip": what fires every hour, or counts elapsed time, names no time of day that could be moved'
    : null;
}

/** Counted from `now` on: nothing of the past is owed. */
export async function restartAt(
  tx: Tx,
  { spec, rules, calendarId }: { spec: ScheduleSpec; rules: ScheduleRules; calendarId: string | null },
  active: boolean,
  now: Date,
): Promise<Restart> {
  if (!active) return { lowWaterAt: now, nextFireAt: null };
  const calendars = await openCalendars(sqlOfTx(tx), calendarId === null ? [] : [calendarId]);
  const { startsAt, endsAt, ...rest } = rules;
  const timing = {
    ...rest,
    spec,
    calendarId,
    startsAt: startsAt === null ? null : new Date(startsAt),
    endsAt: endsAt === null ? null : new Date(endsAt),
  };
  const nextMs = firesOfPlan(planOf(timing, calendars)).next(now.getTime());
  return { lowWaterAt: now, nextFireAt: nextMs === null ? null : new Date(nextMs) };
}
