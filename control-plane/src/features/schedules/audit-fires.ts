/**
 * The auditor: computes from the pure function alone which instants every schedule should have fired at, compares with
 * what was noted, and keeps the differences as findings. Nothing that the firing loop keeps about its own progress (next
 * instant, low-water instant) is looked at, so that a mistake there shows.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type pg from 'pg';
import { firesOfPlan } from '../../domain/schedule/next-fires.ts';
import { auditFindings } from '../../platform/metrics.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { openCalendars } from '../calendars/index.ts';
import {
  type Audited,
  type AuditedFire,
  type Finding,
  firesBetween,
  insertFindings,
  pageOfAudited,
  resolveFindings,
} from './audit-store.ts';
import { planOf } from './plan-of.ts';

/** What a new holder of the loop looks back at. */
export const LOOK_BACK_MS = 15 * 60_000;
/** A fire has so long to be made. Twice the longest turn of a loop that is well. */
const PATIENCE_MS = 20_000;
const PAGE = 200;
/** Instants of one schedule in one look: a schedule of every second has 900 in a quarter of an hour. */
const MOST_INSTANTS = 2_000;

export type Audit = { readonly untilMs: number; readonly found: Readonly<Record<Finding['kind'], number>> };

/** One look at all active schedules: instants after `doneUntilMs` (at most a quarter of an hour) up to a little before now. */
export async function auditFires(pool: pg.Pool, { doneUntilMs, signal }: { doneUntilMs: number; signal?: AbortSignal }): Promise<Audit> {
  const sql = sqlOfClient(pool);
  const [clock] = await sql.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  const untilMs = (clock as { now: Date }).now.getTime() - PATIENCE_MS;
  const fromMs = Math.max(doneUntilMs, untilMs - LOOK_BACK_MS);
  const found = { missing: 0, unexpected: 0 };
  for (let after: string | null = null; ; ) {
    const page: Audited[] = await pageOfAudited(sql, after, PAGE);
    if (page.length === 0 || signal?.aborted) break;
    const findings = await comparePage(sql, page, fromMs, untilMs);
    for (const finding of await insertFindings(sql, findings)) {
      found[finding.kind]++;
      auditFindings.inc({ kind: finding.kind });
    }
    after = (page.at(-1) as Audited).id;
    await breathe();
  }
  await resolveFindings(sql);
  return { untilMs, found };
}

async function comparePage(
  sql: ReturnType<typeof sqlOfClient>,
  page: readonly Audited[],
  fromMs: number,
  untilMs: number,
): Promise<Finding[]> {
  const calendars = await openCalendars(
    sql,
    page.flatMap(({ calendarId }) => calendarId ?? []),
  );
  const fires = await firesBetween(
    sql,
    page.map(({ id }) => id),
    new Date(fromMs),
    new Date(untilMs),
  );
  const bySchedule = Map.groupBy(fires, ({ scheduleId }) => scheduleId);
  return page.flatMap((schedule) => {
    try {
      const { next } = firesOfPlan(planOf(schedule, calendars));
      return differences(schedule, next, bySchedule.get(schedule.id) ?? [], Math.max(fromMs, schedule.holdsFrom.getTime()), untilMs);
    } catch {
      // A spec that cannot be computed is the firing loop's to set aside; it harms no other here either.
      return [];
    }
  });
}

/** Pure: what was expected and not noted, and what was made and not expected, of `fromMs < t <= untilMs`. */
export function differences(
  schedule: Pick<Audited, 'id' | 'workspaceId' | 'holdsFrom'>,
  next: (fromMs: number) => number | null,
  fires: readonly AuditedFire[],
  fromMs: number,
  untilMs: number,
): Finding[] {
  const expected = new Set<number>();
  for (let at = next(fromMs); at !== null && at <= untilMs && expected.size < MOST_INSTANTS; at = next(at)) expected.add(at);
  const noted = new Set(fires.map(({ at }) => at.getTime()));
  const stretches = fires.filter(({ until }) => until !== null);
  const isCovered = (at: number) =>
    noted.has(at) || stretches.some(({ at: from, until }) => from.getTime() <= at && at <= (until as Date).getTime());
  const finding = (kind: Finding['kind'], at: number): Finding => ({
    kind,
    at: new Date(at),
    scheduleId: schedule.id,
    workspaceId: schedule.workspaceId,
  });

  const missing = [...expected].filter((at) => !isCovered(at)).map((at) => finding('missing', at));
  if (expected.size >= MOST_INSTANTS) return missing;
  const unexpected = fires
    .filter(
      ({ outcome, at, decidedAt }) =>
        outcome === 'created' && at.getTime() > fromMs && at.getTime() <= untilMs && decidedAt > schedule.holdsFrom,
    )
    .filter(({ at }) => !expected.has(at.getTime()))
    .map(({ at }) => finding('unexpected', at.getTime()));
  return [...missing, ...unexpected];
}
