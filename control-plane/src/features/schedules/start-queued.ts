/** Fires that wait their turn become runs, one a schedule, when the run before has ended. */
import type pg from 'pg';
import { retried } from '../../platform/db.ts';
import { scheduledRuns } from '../../platform/metrics.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { effectsOfInsert, insertRuns, newRunIds } from '../dispatch/index.ts';
import { type DueSchedule, liveOf, moveOpenRuns, takeFreed } from './due-store.ts';
import { FIRE_AT_A_TIME, type Fired } from './fire-due.ts';
import { oldestQueued, startQueuedFires } from './fire-store.ts';
import { runOf } from './new-runs.ts';

/** One turn, up to `limit` schedules. The schedule's row is locked: nobody else starts the same fire. */
export function startQueued(pool: pg.Pool, limit = FIRE_AT_A_TIME): Promise<Fired> {
  return retried(() =>
    inTransaction(pool, async (sql) => {
      const taken = await takeFreed(sql, limit);
      // Looked at again behind the lock: another replica may have started one since the first look.
      const live = await liveOf(
        sql,
        taken.flatMap(({ openRuns }) => openRuns),
      );
      const freed = new Map(
        taken.filter(({ openRuns }) => !openRuns.some((run) => live.has(run))).map((schedule) => [schedule.id, schedule]),
      );
      if (freed.size === 0) return { inserted: [], effects: [], taken: 0 };
      const waiting = await oldestQueued(sql, [...freed.keys()]);
      if (waiting.length === 0) return { inserted: [], effects: [], taken: 0 };
      const ids = await newRunIds(sql, waiting.length);
      const started = waiting.map((fire, i) => ({ ...fire, runId: ids[i] as string }));
      await startQueuedFires(sql, started);
      const inserted = await insertRuns(
        sql,
        started.map(({ scheduleId, at, runId }) => runOf(freed.get(scheduleId) as DueSchedule, runId, at.getTime())),
      );
      await moveOpenRuns(sql, started);
      scheduledRuns.inc(inserted.length);
      return { inserted, effects: effectsOfInsert(inserted), taken: taken.length };
    }),
  );
}
