/** The loops of leases: served time and the reaper. Any replica may run them; shard leases only save work. */
import { type Loop, startLoop } from '../../platform/loop.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import type { DispatchCtx } from '../dispatch/index.ts';
import { REAP_AT_A_TIME, reap } from './reaper.ts';
import { tickServedClock } from './served-clock.ts';

const EVERY_MS = 1_000;

export function startLeaseLoops(ctx: DispatchCtx): Loop[] {
  const clock = startLoop({
    name: 'served-clock',
    everyMs: EVERY_MS,
    run: () => tickServedClock(sqlOfClient(ctx.db.systemSql), () => ctx.bus.prove()),
    log: ctx.log,
  });
  const reaper = startLoop({
    name: 'reaper',
    everyMs: EVERY_MS,
    run: async () => {
      if ((await ctx.shards.hold('reaper', 0)) === null) return;
      return (await reap(ctx)) >= REAP_AT_A_TIME ? 'again' : undefined;
    },
    log: ctx.log,
  });
  return [clock, reaper];
}
