/** Looks whether what is promised is kept. One replica at a time by a shard's lease; two at once are harmless. */
import type { Db } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import type { ShardLeases } from '../../platform/shards.ts';
import { evaluateSlas } from './evaluate.ts';

const EVERY_MS = 5_000;

export function startSlas({ db, shards, log }: { db: Pick<Db, 'systemSql'>; shards: ShardLeases; log: LoopLog }): Loop {
  return startLoop({
    name: 'slas',
    everyMs: EVERY_MS,
    log,
    run: async () => {
      if ((await shards.hold('slas', 0)) === null) return;
      // Most installations promise nothing.
      const { rowCount } = await db.systemSql.query('SELECT 1 FROM sla LIMIT 1');
      return rowCount === 0 ? undefined : evaluateSlas(db.systemSql);
    },
  });
}
