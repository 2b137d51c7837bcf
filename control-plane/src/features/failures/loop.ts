/** Keeps groups of failures up with the feed. One replica at a time by a shard's lease; two at once are harmless. */
import type { Db } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import type { ShardLeases } from '../../platform/shards.ts';
import { groupFailures } from './group-failures.ts';

const EVERY_MS = 1_000;

export function startFailureGroups({ db, shards, log }: { db: Pick<Db, 'systemSql'>; shards: ShardLeases; log: LoopLog }): Loop {
  return startLoop({
    name: 'failure-groups',
    everyMs: EVERY_MS,
    log,
    run: async () => ((await shards.hold('failure-groups', 0)) === null ? undefined : groupFailures(db.systemSql)),
  });
}
