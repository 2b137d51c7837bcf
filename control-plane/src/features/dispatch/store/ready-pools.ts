/** Where work waits and somebody is there to take it. */
import type { Sql } from '../../../platform/sql.ts';

export type ReadyPool = {
  readonly workspaceId: string;
  readonly poolId: string;
  /** Claimable runs, counted up to `MOST_OFFERS`. */
  readonly ready: number;
  /** Those of them that became claimable after `since`. */
  readonly fresh: number;
};

/** Most offers a pool is given at once. */
export const MOST_OFFERS = 50;

/**
 * Pools that have a live agent, room and claimable runs: those named, or all of `shards`. Never counts a backlog: at
 * most 50 index entries a queue are read, from its mark on. No lock. Index: run_dispatch_claim.
 */
export async function listReadyPools(
  sql: Sql,
  where: { shards: readonly number[]; shardCount: number; poolIds?: readonly string[]; since: Date; prefetchMs: number },
): Promise<{ pools: ReadyPool[]; now: Date }> {
  const rows = await sql.query<{ workspaceId: string | null; poolId: string; ready: number; fresh: number; now: Date }>(
    READY,
    [where.shards, where.shardCount, where.poolIds ?? null, where.since, where.prefetchMs],
    'ready-pools',
  );
  const pools = rows.flatMap(({ workspaceId, poolId, ready, fresh }) => (workspaceId ? [{ workspaceId, poolId, ready, fresh }] : []));
  return { pools, now: rows[0]?.now ?? where.since };
}

/** The shard of a pool: the last byte of its id, as `READY` reckons it. */
export function shardOfPool(poolId: string, shardCount: number): number {
  return Number.parseInt(poolId.slice(-2), 16) % shardCount;
}

const READY = `
  SELECT found.*, clock.now FROM (SELECT now() AS now) clock LEFT JOIN (
    SELECT p.workspace_id AS "workspaceId", p.id AS "poolId",
      least(sum(lane.ready), ${MOST_OFFERS})::int AS ready, least(sum(lane.fresh), ${MOST_OFFERS})::int AS fresh
    FROM work_pool p
    JOIN work_queue q ON q.pool_id = p.id AND NOT q.paused
    LEFT JOIN queue_mark m ON m.queue_id = q.id
    CROSS JOIN LATERAL (
      SELECT count(*) AS ready, count(*) FILTER (WHERE d.due_at > $4::timestamptz + $5::int * interval '1 ms') AS fresh FROM (
        SELECT d.due_at FROM run_dispatch d
        WHERE d.queue_id = q.id AND d.state_type = 'SCHEDULED' AND d.parked_on IS NULL
          AND d.rank > coalesce(m.rank, '-infinity') - mark_margin() AND d.rank <= now() + $5::int * interval '1 ms'
          AND d.due_at <= now() + $5::int * interval '1 ms'
        ORDER BY d.rank, d.run_id LIMIT ${MOST_OFFERS}) d
    ) lane
    WHERE NOT p.paused
      AND CASE WHEN $3::uuid[] IS NULL THEN ('x' || right(p.id::text, 2))::bit(8)::int % $2::int = ANY ($1::int[]) ELSE p.id = ANY ($3::uuid[]) END
      AND EXISTS (SELECT 1 FROM agent a WHERE a.pool_id = p.id AND a.lease_until > served_now() AND a.revoked_at IS NULL AND NOT a.drain AND NOT a.draining)
      AND (p.concurrency_limit IS NULL OR p.concurrency_limit > (SELECT count(*) FROM holder h WHERE h.pool_id = p.id))
      AND (q.concurrency_limit IS NULL OR q.concurrency_limit > (SELECT count(*) FROM holder h WHERE h.pool_id = p.id AND h.queue_id = q.id))
    GROUP BY p.workspace_id, p.id HAVING sum(lane.ready) > 0
  ) found ON true`;
