/** The backfills' loop: one replica at a time by a shard's lease; two at once skip each other's locked rows. */
import { classifyError } from '../../platform/classify-error.ts';
import type { Db } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import type { ShardLeases } from '../../platform/shards.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { type AfterCommitCtx, afterCommit } from '../dispatch/index.ts';
import { advanceBackfill } from './advance.ts';
import { dueBackfills, holdBackfill } from './store.ts';

const LOOP = 'backfills';
const EVERY_MS = 1_000;
const AT_A_TIME = 50;

export type BackfillDeps = {
  readonly db: Db;
  readonly bus: AfterCommitCtx['bus'];
  readonly usage?: AfterCommitCtx['usage'];
  readonly shards: ShardLeases;
  readonly log: LoopLog & AfterCommitCtx['log'];
};

export function startBackfills(deps: BackfillDeps): Pick<Loop, 'stop'> {
  return startLoop({
    name: LOOP,
    everyMs: EVERY_MS,
    log: deps.log,
    run: async (signal) => {
      if ((await deps.shards.hold(LOOP, 0)) === null) return;
      return (await advanceAll(deps, signal)) === AT_A_TIME ? 'again' : undefined;
    },
  });
}

/** Each that is due takes one step; what fails harms only itself. Answers how many were due. */
export async function advanceAll(deps: Omit<BackfillDeps, 'shards'>, signal?: AbortSignal): Promise<number> {
  const sql = sqlOfClient(deps.db.systemSql);
  const due = await dueBackfills(sql, AT_A_TIME);
  for (const id of due) {
    if (signal?.aborted) break;
    try {
      await afterCommit(deps, await advanceBackfill(deps.db.systemSql, id));
    } catch (error) {
      const known = classifyError(error);
      if (known?.code === 'UNAVAILABLE') throw error;
      await holdBackfill(sql, id, `its runs could not be made: ${known?.message ?? (error as Error).message}`);
    }
  }
  return due.length;
}
