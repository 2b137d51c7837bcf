/**
 * Parents whose child has ended take their slots again, first come first served and ahead of new claims, as far as there
 * is room: under the locks that claims take, and by the same count.
 */
import type pg from 'pg';
import { retried } from '../../platform/db.ts';
import { inTransaction } from '../../platform/transaction.ts';
import type { AfterCommit } from './after-commit.ts';
import { lockRoom, pickResuming } from './store/resuming.ts';
import { transitionRuns } from './transition.ts';

/** Lets go on who can, of one pool. Hand the effects to `afterCommit`. */
export async function resumeParents({ db }: { readonly db: { readonly systemSql: pg.Pool } }, poolId: string): Promise<AfterCommit[]> {
  return retried(() =>
    inTransaction(db.systemSql, async (sql) => {
      const room = await lockRoom(sql, poolId);
      const chosen = room ? await pickResuming(sql, poolId, room) : [];
      const { results, effects } = await transitionRuns(
        sql,
        chosen.map(({ runId }) => ({ runId, intent: { kind: 'child-ended' } })),
      );
      const resumed = new Set(results.filter(({ verdict }) => verdict?.kind === 'accept').map(({ runId }) => runId));
      const wakes = chosen
        .filter(({ runId }) => resumed.has(runId))
        .map(({ runId, workspaceId }): AfterCommit => ({ kind: 'wake-run', workspaceId, runId }));
      return [...effects, ...wakes];
    }),
  );
}
