/** Which requests of a run were taken: a repeat of one makes no second event. */
import type { Sql } from '../../platform/sql.ts';
import type { Caller } from '../calls/index.ts';

/** False: it was taken before, or is by a transaction that this one waited for. The primary key decides. */
export async function addReceipt(sql: Sql, { workspaceId, runId }: Caller, requestId: string): Promise<boolean> {
  const added = await sql.query(
    `INSERT INTO custom_event (workspace_id, run_id, id) VALUES ($1::uuid, $2::uuid, $3::uuid)
     ON CONFLICT (workspace_id, run_id, id) DO NOTHING RETURNING id`,
    [workspaceId, runId, requestId],
  );
  return added.length > 0;
}

/** Of one run so far. Primary key. */
export async function countReceipts(sql: Sql, { workspaceId, runId }: Caller): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM custom_event WHERE workspace_id = $1::uuid AND run_id = $2::uuid',
    [workspaceId, runId],
  );
  return row?.count ?? 0;
}
