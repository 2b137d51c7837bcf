/** Which of many claims would find nothing. */
import type { Sql } from '../../../platform/sql.ts';

/**
 * One read for all of them, as `signalbox_system`: claims whose agent's pool has no claimable run, and that were not
 * answered before. Index: run_dispatch_claim, one probe a queue.
 */
export async function findIdleClaims(
  sql: Sql,
  claims: readonly { workspaceId: string; agentId: string; claimId: string }[],
  prefetchMs: number,
): Promise<{ idle: Set<string>; timeline: number }> {
  const rows = await sql.query<{ id: string | null; timeline: number }>(
    `SELECT u.claim_id AS id, t.timeline
     FROM (SELECT postgres_timeline() AS timeline) t
     LEFT JOIN unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS u (workspace_id, agent_id, claim_id) ON EXISTS (
         SELECT 1 FROM agent a WHERE a.id = u.agent_id AND a.workspace_id = u.workspace_id AND a.revoked_at IS NULL AND NOT EXISTS (
           SELECT 1 FROM work_queue q LEFT JOIN queue_mark m ON m.queue_id = q.id CROSS JOIN LATERAL (
             SELECT 1 FROM run_dispatch d WHERE d.queue_id = q.id AND d.state_type = 'SCHEDULED' AND d.parked_on IS NULL
               AND d.rank > coalesce(m.rank, '-infinity') - mark_margin() AND d.rank <= now() + $4::int * interval '1 ms'
               AND d.due_at <= now() + $4::int * interval '1 ms' LIMIT 1) AS ready
           WHERE q.pool_id = a.pool_id AND NOT q.paused))
       AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.agent_id = u.agent_id AND c.id = u.claim_id)`,
    [claims.map((claim) => claim.workspaceId), claims.map((claim) => claim.agentId), claims.map((claim) => claim.claimId), prefetchMs],
    'idle-claims',
  );
  return { idle: new Set(rows.flatMap((row) => (row.id ? [row.id] : []))), timeline: rows[0]?.timeline ?? 0 };
}
