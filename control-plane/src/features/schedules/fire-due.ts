/**
 * One turn of the firing loop. Correct with any number of replicas at once: a schedule's row is locked, what becomes of
 * its instants is noted, its runs are made and its low-water instant is moved in one transaction, so (schedule, instant)
 * fires once.
 *
 * What cannot be fired harms only itself: a broken spec is set aside with its problem; a group that fails is taken apart,
 * one schedule a transaction, and the one at fault is tried again later.
 */
import type pg from 'pg';
import { classifyError } from '../../platform/classify-error.ts';
import { retried } from '../../platform/db.ts';
import { scheduledRuns, skippedFires } from '../../platform/metrics.ts';
import type { Sql } from '../../platform/sql.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { openCalendars } from '../calendars/index.ts';
import { type AfterCommit, effectsOfInsert, type InsertedRun, insertRuns, newRunIds, transitionRuns } from '../dispatch/index.ts';
import { decideFires, type Planned } from './decide-fires.ts';
import { type DueSchedule, liveOf, moveOn, retryLater, takeDue } from './due-store.ts';
import { countQueued, type FireRow, insertFires, skipsOf } from './fire-store.ts';
import { runOf } from './new-runs.ts';

export type FiringRules = {
  /** How long before its instant a run is made, so that user code starts at the instant. */
  readonly prefetchMs: number;
  /** Instants missed by more are caught up by the schedule's policy (see domain/schedule/catch-up.ts). */
  readonly graceMs: number;
};
export const FIRING_RULES: FiringRules = { prefetchMs: 2_000, graceMs: 60_000 };

/** Schedules taken in one transaction. */
export const FIRE_AT_A_TIME = 100;

/** `effects`: hand to `afterCommit`. */
export type Fired = { readonly inserted: readonly InsertedRun[]; readonly effects: readonly AfterCommit[]; readonly taken: number };

/** Fires what is due, up to `limit` schedules. `taken === limit`: more may be waiting. */
export async function fireDue(pool: pg.Pool, rules: FiringRules = FIRING_RULES, limit = FIRE_AT_A_TIME): Promise<Fired> {
  try {
    return await fireGroup(pool, rules, limit);
  } catch (error) {
    if (classifyError(error)?.code === 'UNAVAILABLE') throw error;
    return fireOneByOne(pool, rules, limit);
  }
}

function fireGroup(pool: pg.Pool, rules: FiringRules, limit: number, only?: string): Promise<Fired> {
  return retried(() =>
    inTransaction(pool, async (sql) => {
      const due = await takeDue(sql, { prefetchMs: rules.prefetchMs, limit, ...(only ? { only } : {}) });
      if (due.length === 0) return { inserted: [], effects: [], taken: 0 };
      const planned = await planAll(sql, due, rules);
      const { inserted, madeBy } = await makeRuns(sql, planned);
      const cancelled = await cancelOlder(sql, planned);
      await moveOn(
        sql,
        planned.map(({ moved, keepsOpen }) => ({ ...moved, openRuns: keepsOpen && [...keepsOpen, ...(madeBy.get(moved.id) ?? [])] })),
      );
      return { inserted, effects: [...effectsOfInsert(inserted), ...cancelled], taken: due.length };
    }),
  );
}

/** What each schedule does, from facts that are read once for all of them. */
async function planAll(sql: Sql, due: readonly DueSchedule[], rules: FiringRules): Promise<Planned[]> {
  const guarded = due.filter(({ overlap }) => overlap !== 'allow');
  const calendars = await openCalendars(
    sql,
    due.flatMap(({ calendarId }) => calendarId ?? []),
  );
  const oldestMs = Math.min(...due.map(({ lowWaterAt }) => lowWaterAt.getTime()));
  const skips = Map.groupBy(
    await skipsOf(
      sql,
      due.map(({ id }) => id),
      new Date(oldestMs),
    ),
    ({ scheduleId }) => scheduleId,
  );
  const live = await liveOf(
    sql,
    guarded.flatMap(({ openRuns }) => openRuns),
  );
  const queued = await countQueued(
    sql,
    guarded.filter(({ overlap }) => overlap === 'queue').map(({ id }) => id),
  );
  return due.map((schedule) =>
    decideFires(schedule, {
      ...rules,
      calendars,
      skips: new Map((skips.get(schedule.id) ?? []).map((skip) => [skip.at.getTime(), skip])),
      live,
      queued: queued.get(schedule.id) ?? 0,
    }),
  );
}

/** Notes what becomes of the instants, and makes the runs of those that were not decided before. */
async function makeRuns(sql: Sql, planned: readonly Planned[]): Promise<{ inserted: InsertedRun[]; madeBy: Map<string, string[]> }> {
  const rows = planned.flatMap(({ fires }) => fires);
  const ids = await idsFor(sql, rows);
  const noted = await insertFires(
    sql,
    rows.map((row) => (row.outcome === 'created' ? { ...row, runId: ids.shift() ?? null } : row)),
  );
  const created = noted.filter((row): row is FireRow & { runId: string } => row.runId !== null);
  const schedules = new Map(planned.map(({ schedule }) => [schedule.id, schedule]));
  const inserted = await insertRuns(
    sql,
    created.map(({ scheduleId, runId, at }) => runOf(schedules.get(scheduleId) as DueSchedule, runId, at.getTime())),
  );
  scheduledRuns.inc(inserted.length);
  skippedFires.inc(noted.length - created.length);
  const bySchedule = Map.groupBy(created, ({ scheduleId }) => scheduleId);
  return { inserted, madeBy: new Map([...bySchedule].map(([id, own]) => [id, own.map(({ runId }) => runId)])) };
}

async function idsFor(sql: Sql, rows: readonly FireRow[]): Promise<string[]> {
  const count = rows.filter(({ outcome }) => outcome === 'created').length;
  // Runs that are overdue are taken in the order of their ids: as their instants.
  return count === 0 ? [] : (await newRunIds(sql, count)).sort();
}

/** Runs that a newer fire replaces go the way of every cancelled run. All at once: their rows are locked in the order of ids. */
async function cancelOlder(sql: Sql, planned: readonly Planned[]): Promise<readonly AfterCommit[]> {
  const requests = planned.flatMap(({ schedule, cancels }) =>
    cancels.map((runId) => ({ runId, intent: { kind: 'cancel' as const, by: `schedule ${schedule.slug}: a newer fire took its place` } })),
  );
  return requests.length === 0 ? [] : (await transitionRuns(sql, requests)).effects;
}

/** A group failed for a reason of its own: each schedule alone, and the one at fault is tried again later. */
async function fireOneByOne(pool: pg.Pool, rules: FiringRules, limit: number): Promise<Fired> {
  const due = await inTransaction(pool, (sql) => takeDue(sql, { prefetchMs: rules.prefetchMs, limit }));
  const fired: Fired[] = [];
  for (const { id } of due) {
    try {
      fired.push(await fireGroup(pool, rules, 1, id));
    } catch (error) {
      const known = classifyError(error);
      if (known?.code === 'UNAVAILABLE') throw error;
      const reason = known?.message ?? (error instanceof Error ? error.message : String(error));
      await inTransaction(pool, (sql) => retryLater(sql, id, `its run could not be made: ${reason}`));
    }
  }
  return { inserted: fired.flatMap(({ inserted }) => inserted), effects: fired.flatMap(({ effects }) => effects), taken: due.length };
}
