/** Loops of retention: one replica at a time by a shard's lease; two at once do the same work twice, without harm. */
import type { Db } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import type { ShardLeases } from '../../platform/shards.ts';
import { dropDays } from './drop-days.ts';
import { ensureDays } from './ensure-days.ts';
import { sweep } from './sweep.ts';

const DAYS_EVERY_MS = 3_600_000;
const DROP_EVERY_MS = 600_000;
const SWEEP_EVERY_MS = 60_000;

export type RetentionDeps = { readonly db: Pick<Db, 'systemSql'>; readonly shards: ShardLeases; readonly log: LoopLog };

/** Starts all. Await `ensureDays` before serving: a run may be made at once. */
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
  const dropper = startLoop({
    name: 'retention-drop',
    everyMs: DROP_EVERY_MS,
    log,
    run: async (signal) => {
      if ((await shards.hold('retention-drop', 0)) === null) return;
      const { days, thinned } = await dropDays(db.systemSql, await nowOf(db), { signal });
      if (days.length > 0 || thinned > 0) log.info({ days, thinned }, 'history whose time was over dropped');
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
      await Promise.all([days.stop(), dropper.stop(), sweeper.stop()]);
    },
  };
}

/** One clock: the database's. */
async function nowOf({ systemSql }: Pick<Db, 'systemSql'>): Promise<Date> {
  const { rows } = await systemSql.query<{ now: Date }>('SELECT now()');
  return rows[0]?.now ?? new Date();
}
