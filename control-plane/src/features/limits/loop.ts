/** Repairs of every second: whose turn it is and whose wake was lost; each minute, what nobody needs any more. */
import { type Loop, startLoop } from '../../platform/loop.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { afterCommit, type DispatchCtx } from '../dispatch/index.ts';
import { deleteOldReceipts, deleteOrphans, deleteSilentWaiters, listWaitedFor, tellSaturation } from './store/sweeps.ts';

type SweepCtx = Pick<DispatchCtx, 'bus' | 'db' | 'log'>;

/** Limits whose rows are locked at once. */
const AT_ONCE = 50;

/** How long runs wait without a break, or none does, until an event says so. */
const HOLD_SECONDS = 10;

/** Wakes whoever is first in line for a limit that has room, and tells which limits are waited for. */
export async function sweepLines(ctx: SweepCtx, holdSeconds = HOLD_SECONDS): Promise<void> {
  const sql = sqlOfClient(ctx.db.systemSql);
  const limitIds = await listWaitedFor(sql);
  await tellSaturation(sql, limitIds, holdSeconds);
  for (let i = 0; i < limitIds.length; i += AT_ONCE)
    await afterCommit(ctx, [{ kind: 'wake-line', limitIds: limitIds.slice(i, i + AT_ONCE) }]);
}

/** Removes what is over. Answers how many limits had slots or places without an owner: always none. */
export async function tidyLimits(ctx: SweepCtx): Promise<number> {
  const sql = sqlOfClient(ctx.db.systemSql);
  await deleteOldReceipts(sql);
  await deleteSilentWaiters(sql);
  const orphaned = await deleteOrphans(sql);
  if (orphaned.length > 0) {
    ctx.log.error({ limits: orphaned }, 'slots of limits had no owner and were freed: this is a fault of ours');
    await afterCommit(ctx, [{ kind: 'wake-line', limitIds: orphaned }]);
  }
  return orphaned.length;
}

export function startLimitLoop(ctx: DispatchCtx): Loop {
  let turns = 0;
  const run = async () => {
    if ((await ctx.shards.hold('limits', 0)) === null) return;
    await sweepLines(ctx);
    if (turns++ % 60 === 0) await tidyLimits(ctx);
  };
  return startLoop({ name: 'limits', everyMs: 1_000, run, log: ctx.log });
}
