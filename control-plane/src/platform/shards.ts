/** Which replica runs a loop's shard: lease rows in Postgres. Correctness never depends on the answer. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';

/** How long a replica keeps a shard without asking again, seconds. */
const LEASE_SECONDS = 10;

export type ShardLeases = {
  /** Takes or keeps a shard; the number goes up whenever the holder changes. Null: another replica has it. */
  hold(loop: string, shard: number): Promise<number | null>;
  /** Gives all shards back, so that another replica need not wait for the end of the leases. */
  release(): Promise<void>;
};

export function openShardLeases(system: pg.Pool): ShardLeases {
  const holderId = randomUUID();
  return {
    async hold(loop, shard) {
      // One row lock decides; the update matches only our own lease or one that is over.
      const { rows } = await system.query<{ number: string }>(
        `INSERT INTO shard_lease AS lease (loop, shard, holder_id, expires_at)
         VALUES ($1, $2, $3, now() + make_interval(secs => $4))
         ON CONFLICT (loop, shard) DO UPDATE SET
           holder_id = excluded.holder_id,
           expires_at = excluded.expires_at,
           number = lease.number + CASE WHEN lease.holder_id = excluded.holder_id THEN 0 ELSE 1 END
         WHERE lease.holder_id = excluded.holder_id OR lease.expires_at < now()
         RETURNING number`,
        [loop, shard, holderId, LEASE_SECONDS],
      );
      return rows[0] ? Number(rows[0].number) : null;
    },
    async release() {
      await system.query('UPDATE shard_lease SET expires_at = now() WHERE holder_id = $1', [holderId]);
    },
  };
}
