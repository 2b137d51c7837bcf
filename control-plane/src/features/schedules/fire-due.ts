/**
 * One turn of the firing loop. Correct with any number of replicas at once: a schedule's row is locked, its runs are
 * made and its low-water instant is moved in one transaction, so (schedule, instant) fires once.
 *
 * What cannot be fired harms only itself: a broken spec is set aside with its problem, and a group that fails is taken
 * apart, one schedule a transaction.
 */
import { openEnvelope } from '@signalbox/proto';
import type pg from 'pg';
import { type OwedFires, owedFires } from '../../domain/schedule/catch-up.ts';
import { checkSpec, describeProblems } from '../../domain/schedule/check.ts';
import { firesOf } from '../../domain/schedule/next-fires.ts';
import { classifyError } from '../../platform/classify-error.ts';
import { retried } from '../../platform/db.ts';
import { scheduledRuns, skippedFires } from '../../platform/metrics.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type InsertedRun, insertRuns, type NewRun } from '../dispatch/index.ts';
import { type DueSchedule, type Moved, moveOn, stopWithProblem, takeDue } from './due-store.ts';

export type FiringRules = {
  /** How long before its instant a run is made, so that user code starts at the instant. */
  readonly prefetchMs: number;
  /** Instants missed by more are left out, save the latest (see domain/schedule/catch-up.ts). */
  readonly graceMs: number;
};
export const FIRING_RULES: FiringRules = { prefetchMs: 2_000, graceMs: 60_000 };

/** Schedules taken in one transaction. */
export const FIRE_AT_A_TIME = 100;

export type Fired = { readonly inserted: readonly InsertedRun[]; readonly taken: number };

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
      if (due.length === 0) return { inserted: [], taken: 0 };
      const plans = due.map((schedule) => plan(schedule, rules));
      const inserted = await insertRuns(
        sql,
        plans.flatMap(({ runs }) => runs),
      );
      await moveOn(
        sql,
        plans.map(({ moved }) => moved),
      );
      scheduledRuns.inc(inserted.length);
      skippedFires.inc(plans.filter(({ skipped }) => skipped).length);
      return { inserted, taken: due.length };
    }),
  );
}

/** A group failed for a reason of its own: each schedule alone, and the one at fault is stopped. */
async function fireOneByOne(pool: pg.Pool, rules: FiringRules, limit: number): Promise<Fired> {
  const due = await inTransaction(pool, (sql) => takeDue(sql, { prefetchMs: rules.prefetchMs, limit }));
  const inserted: InsertedRun[] = [];
  for (const { id } of due) {
    try {
      inserted.push(...(await fireGroup(pool, rules, 1, id)).inserted);
    } catch (error) {
      const known = classifyError(error);
      if (known?.code === 'UNAVAILABLE') throw error;
      const reason = known?.message ?? (error instanceof Error ? error.message : String(error));
      await inTransaction(pool, (sql) => stopWithProblem(sql, id, `its run could not be made: ${reason}`));
    }
  }
  return { inserted, taken: due.length };
}

type Plan = { readonly moved: Moved; readonly runs: readonly NewRun[]; readonly skipped: boolean };

function plan(schedule: DueSchedule, { prefetchMs, graceMs }: FiringRules): Plan {
  const nowMs = schedule.now.getTime();
  const issues = checkSpec(schedule.spec, new Date(Math.min(nowMs, schedule.lowWaterAt.getTime())));
  if (issues.length > 0) {
    const moved = { id: schedule.id, lowWaterAt: schedule.lowWaterAt, nextFireAt: null, problem: describeProblems(issues) };
    return { moved, runs: [], skipped: false };
  }
  const fires = firesOf(schedule.spec);
  // A paused deployment owes nothing, now or when it is resumed.
  if (schedule.paused)
    return { moved: movedTo(schedule, Math.max(nowMs, schedule.lowWaterAt.getTime()), fires.next(nowMs)), runs: [], skipped: false };
  const owed = owedFires(fires, { lowWaterMs: schedule.lowWaterAt.getTime(), nowMs, graceMs, prefetchMs });
  return { moved: movedTo(schedule, owed.lowWaterMs, owed.nextMs), runs: runsOf(schedule, owed), skipped: owed.skipped };
}

function movedTo({ id }: DueSchedule, lowWaterMs: number, nextMs: number | null): Moved {
  return { id, lowWaterAt: new Date(lowWaterMs), nextFireAt: nextMs === null ? null : new Date(nextMs), problem: null };
}

function runsOf(schedule: DueSchedule, owed: OwedFires): NewRun[] {
  return owed.dueMs.map((dueMs) => ({
    workspaceId: schedule.workspaceId,
    deploymentId: schedule.deploymentId,
    scheduleId: schedule.id,
    name: `${schedule.deploymentName} ${new Date(dueMs).toISOString().replace(/\.000Z$/, 'Z')}`,
    tags: schedule.tags,
    parameters: openEnvelope(schedule.parameters),
    createdBy: 'schedule',
    dueAt: new Date(dueMs),
  }));
}
