/** The wish of a parent for its slots. */
import type { Sql } from '../../../platform/sql.ts';
import type { Caller } from '../../calls/index.ts';

/** Notes it once, on the caller's own row; null when the run does not wait for a child, or is not the caller's. */
export async function noteWish(sql: Sql, { runId, epoch, agentId }: Caller): Promise<{ poolId: string | null } | null> {
  const [row] = await sql.query<{ poolId: string | null }>(
    `UPDATE run_dispatch SET resume_since = coalesce(resume_since, clock_timestamp())
     WHERE run_id = $1::uuid AND epoch = $2::bigint AND agent_id = $3::uuid AND state_name = 'AwaitingChild' RETURNING pool_id AS "poolId"`,
    [runId, epoch, agentId],
    'note-wish',
  );
  return row ?? null;
}

/** `isAwaiting`: it has no slots; so too while it is Lost. Null: not the caller's. */
export async function readName(
  sql: Sql,
  { workspaceId, runId, epoch, agentId }: Caller,
): Promise<{ type: string; name: string; isAwaiting: boolean } | null> {
  const [row] = await sql.query<{ type: string; name: string; isAwaiting: boolean }>(
    `SELECT state_type AS type, state_name AS name, awaiting_since IS NOT NULL AS "isAwaiting" FROM run_dispatch
     WHERE run_id = $1::uuid AND epoch = $2::bigint AND agent_id = $3::uuid AND workspace_id = $4::uuid`,
    [runId, epoch, agentId, workspaceId],
    'read-wish',
  );
  return row ?? null;
}
