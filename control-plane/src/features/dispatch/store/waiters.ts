/** Runs that wait on a full or paused deployment, outside the claim's index. */
import type { Sql } from '../../../platform/sql.ts';

export type Pool = { readonly workspaceId: string; readonly poolId: string };

/** Wakes as many waiters of this limit as there is room; answers the pools that have work now. As `signalbox_system` or with the workspace set. */
export function wakeWaiters(sql: Sql, deploymentId: string): Promise<Pool[]> {
  // Lock: the deployment's row, then runs SKIP LOCKED. Order: due_at, run_id, by run_dispatch_parked.
  return sql.query('SELECT workspace_id AS "workspaceId", pool_id AS "poolId" FROM wake_waiters($1::uuid)', [deploymentId], 'wake-waiters');
}

/** Limits on which anything waits: one index probe a limit, however many wait on it. */
export async function listParkedLimits(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `WITH RECURSIVE parked (id) AS (
       (SELECT parked_on FROM run_dispatch WHERE parked_on IS NOT NULL ORDER BY parked_on LIMIT 1)
       UNION ALL
       SELECT (SELECT d.parked_on FROM run_dispatch d WHERE d.parked_on > parked.id ORDER BY d.parked_on LIMIT 1) FROM parked WHERE parked.id IS NOT NULL
     ) SELECT id FROM parked WHERE id IS NOT NULL`,
    [],
    'parked-limits',
  );
  return rows.map((row) => row.id);
}
