/** Rare writes over many runs, in small pieces. As `signalbox_system`. */
import { LATE_AFTER_MS } from '@signalbox/proto';
import type { Sql } from '../../../platform/sql.ts';

const MOST_AT_ONCE = 500;

/**
 * Sets `late_at` once, by compare-and-set, on runs that were due between `from` and 15 s ago and still wait.
 * Order: due_at, from run_dispatch_claim (whose rank is the due instant, save in fair queues), run_dispatch_fair_due and
 * run_dispatch_parked, which hold waiting runs alone; runs SKIP LOCKED.
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
          WHERE x.queue_id = q.id AND x.state_type = 'SCHEDULED' AND x.parked_on IS NULL AND x.late_at IS NULL
            AND x.rank > bounds.low AND x.rank <= bounds.high
          ORDER BY x.rank, x.run_id LIMIT $3::int) d)
       UNION ALL
       (SELECT x.run_id, x.due_at FROM bounds, run_dispatch x
        WHERE x.fair_key IS NOT NULL AND x.state_type = 'SCHEDULED' AND x.late_at IS NULL AND x.due_at > bounds.low AND x.due_at <= bounds.high
        ORDER BY x.due_at LIMIT $3::int)
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

/**
 * Lowers the marks of queues in which a run waits below, whatever let it. Walks dead index entries that a long reader
 * keeps, so that claims need not. Index: run_dispatch_claim, one probe a queue.
 */
export async function repairMarks(sql: Sql): Promise<void> {
  await sql.query(
    `SELECT lower_marks(array_agg(m.queue_id), array_agg(first.rank)) FROM queue_mark m CROSS JOIN LATERAL (
       SELECT d.rank FROM run_dispatch d WHERE d.queue_id = m.queue_id AND d.state_type = 'SCHEDULED' AND d.parked_on IS NULL
       ORDER BY d.rank LIMIT 1) first
     WHERE first.rank < m.rank HAVING count(*) > 0`,
    [],
    'repair-marks',
  );
}

/**
 * Gives runs of fair queues their start in virtual time that became due without one: made ahead of their instant, or tried
 * again. Order: due_at, by run_dispatch_fair_due; runs SKIP LOCKED.
 */
export async function rankFair(sql: Sql): Promise<number> {
  const rows = await sql.query<{ n: number }>(
    `WITH due AS MATERIALIZED (
       SELECT d.run_id, d.queue_id, d.fair_key, d.due_at FROM run_dispatch d
       WHERE d.fair_key IS NOT NULL AND d.state_type = 'SCHEDULED' AND d.due_at <= now() + interval '1 second'
         AND d.ranked_due_at IS DISTINCT FROM d.due_at
       ORDER BY d.due_at LIMIT $1::int FOR UPDATE SKIP LOCKED
     ), ordered AS (
       SELECT due.*, row_number() OVER (PARTITION BY fair_key ORDER BY due_at, run_id) - 1 AS n FROM due
     ), first AS MATERIALIZED (
       SELECT fair_key, next_fair_rank(queue_id, fair_key) AS rank FROM (SELECT DISTINCT queue_id, fair_key FROM due) k
     ), ranked AS (
       UPDATE run_dispatch d SET fair_rank = first.rank + ordered.n * fair_step(), ranked_due_at = d.due_at
       FROM ordered JOIN first USING (fair_key) WHERE d.run_id = ordered.run_id RETURNING d.run_id
     ) SELECT count(*)::int AS n FROM ranked`,
    [MOST_AT_ONCE],
    'rank-fair',
  );
  return rows[0]?.n ?? 0;
}
