/** Loops of retention: one replica at a time by a shard's lease; two at once do the same work twice, without harm. */
import type { Db } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import type { ShardLeases } from '../../platform/shards.ts';
import { ensureDays } from './ensure-days.ts';
import { sweep } from './sweep.ts';

const DAYS_EVERY_MS = 3_600_000;
const SWEEP_EVERY_MS = 60_000;

export type RetentionDeps = { readonly db: Pick<Db, 'systemSql'>; readonly shards: ShardLeases; readonly log: LoopLog };

/** Starts both. Await `ensureDays` before serving: a run may be made at once. */
export function startRetention({ db, shards, log }: RetentionDeps): Pick<Loop, 'stop'> {
  const days = startLoop({
    name: 'retention-days',
    everyMs: DAYS_EVERY_MS,
    log,
    run: async () => {
      const made = await ensureDays(db.systemSql);
      if (made > 0) log.info({ made }, 'partitions made ahead');
    },
  });
  const sweeper = startLoop({
    name: 'retention-sweep',
    everyMs: SWEEP_EVERY_MS,
    log,
    run: async (signal) => {
      if ((await shards.hold('retention-sweep', 0)) === null) return;
      const swept = await sweep(db.systemSql, signal);
      if (Object.keys(swept).length > 0) log.info({ swept }, 'rows swept whose time was over');
    },
  });
  return {
    async stop() {
      await Promise.all([days.stop(), sweeper.stop()]);
    },
  };
}
