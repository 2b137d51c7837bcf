/** Rare writes over many runs, in small pieces. As `signalbox_system`. */
import { LATE_AFTER_MS } from '@signalbox/proto';
import type { Sql } from '../../../platform/sql.ts';

const MOST_AT_ONCE = 500;

/**
 * Sets `late_at` once, by compare-and-set, on runs that were due between `from` and 15 s ago and still wait.
 * Order: due_at, from run_dispatch_claim and run_dispatch_parked, which hold waiting runs alone; runs SKIP LOCKED.
 * `next` is the instant up to which all are marked.
 */
export async function markLate(
  sql: Sql,
  from: Date | null,
): Promise<{ marked: { workspaceId: string; runId: string }[]; next: Date | null }> {
  const rows = await sql.query<{ workspaceId: string | null; runId: string; next: Date }>(
    `WITH bounds AS (SELECT coalesce($1::timestamptz, now() - interval '1 day') AS low, now() - $2::int * interval '1 ms' AS high),
     waiting AS (
       (SELECT d.run_id, d.due_at FROM bounds, work_queue q CROSS JOIN LATERAL (
          SELECT x.run_id, x.due_at FROM run_dispatch x
          WHERE x.queue_id = q.id AND x.state_type = 'SCHEDULED' AND x.parked_on IS NULL AND x.late_at IS NULL AND x.due_at > bounds.low AND x.due_at <= bounds.high
          ORDER BY x.due_at, x.run_id LIMIT $3::int) d)
       UNION ALL
       (SELECT x.run_id, x.due_at FROM bounds, run_dispatch x
        WHERE x.parked_on IS NOT NULL AND x.late_at IS NULL AND x.due_at > bounds.low AND x.due_at <= bounds.high LIMIT $3::int)
     ), chosen AS (SELECT run_id, due_at FROM waiting ORDER BY due_at LIMIT $3::int),
     locked AS MATERIALIZED (
       SELECT d.run_id FROM run_dispatch d WHERE d.run_id IN (SELECT run_id FROM chosen) AND d.state_type = 'SCHEDULED' AND d.late_at IS NULL
       ORDER BY d.run_id FOR UPDATE SKIP LOCKED
     ), marked AS (
       UPDATE run_dispatch d SET late_at = now() FROM locked WHERE d.run_id = locked.run_id RETURNING d.workspace_id, d.run_id
     )
     SELECT marked.workspace_id AS "workspaceId", marked.run_id AS "runId",
       CASE WHEN (SELECT count(*) FROM chosen) < $3::int THEN bounds.high ELSE (SELECT max(due_at) - interval '1 ms' FROM chosen) END AS next
     FROM bounds LEFT JOIN marked ON true`,
    [from, LATE_AFTER_MS, MOST_AT_ONCE],
    'mark-late',
  );
  return { marked: rows.flatMap(({ workspaceId, runId }) => (workspaceId ? [{ workspaceId, runId }] : [])), next: rows[0]?.next ?? from };
}

/** Answers that nobody can ask for again: an agent repeats a claim for a minute at most. Index: claim_made. */
export async function deleteOldClaims(sql: Sql): Promise<void> {
  await sql.query(
    `DELETE FROM claim WHERE (agent_id, id) IN (SELECT agent_id, id FROM claim WHERE made_at < now() - interval '10 minutes' ORDER BY made_at LIMIT 10000)`,
  );
}
