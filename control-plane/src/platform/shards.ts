/** Which replica runs a loop's shard: lease rows in Postgres. Correctness never depends on the answer. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';

/** How long a replica keeps a shard without asking again, seconds: for loops that may rest a while. */
const LEASE_SECONDS = 10;
/**
 * The same for loops that work waits for: after a replica was killed nobody offers, fires or wakes until its leases are
 * over, its own successor included. Ask at least every second.
 */
export const BRISK_LEASE_SECONDS = 3;

export type ShardLeases = {
  /** Takes or keeps a shard; the number goes up whenever the holder changes. Null: another replica has it. */
  hold(loop: string, shard: number, leaseSeconds?: number): Promise<number | null>;
  /** The same for several shards at once: the numbers of those that are held. */
  holdAll(loop: string, shards: readonly number[], leaseSeconds?: number): Promise<ReadonlyMap<number, number>>;
  /** Gives all shards back, so that another replica need not wait for the end of the leases. */
  release(): Promise<void>;
};

export function openShardLeases(system: pg.Pool): ShardLeases {
  const holderId = randomUUID();
  const holdAll: ShardLeases['holdAll'] = async (loop, shards, leaseSeconds = LEASE_SECONDS) => {
    // Row locks decide, taken by shard, ascending; the update matches only our own lease or one that is over.
    const { rows } = await system.query<{ shard: number; number: string }>(
      `INSERT INTO shard_lease AS lease (loop, shard, holder_id, expires_at)
       SELECT $1, s, $3, now() + make_interval(secs => $4) FROM unnest($2::int[]) s ORDER BY s
       ON CONFLICT (loop, shard) DO UPDATE SET
         holder_id = excluded.holder_id,
         expires_at = excluded.expires_at,
         number = lease.number + CASE WHEN lease.holder_id = excluded.holder_id THEN 0 ELSE 1 END
       WHERE lease.holder_id = excluded.holder_id OR lease.expires_at < now()
       RETURNING shard, number`,
      [loop, shards, holderId, leaseSeconds],
    );
    return new Map(rows.map(({ shard, number }) => [shard, Number(number)]));
  };
  return {
    holdAll,
    hold: async (loop, shard, leaseSeconds) => (await holdAll(loop, [shard], leaseSeconds)).get(shard) ?? null,
    async release() {
      await system.query('UPDATE shard_lease SET expires_at = now() WHERE holder_id = $1', [holderId]);
    },
  };
}
