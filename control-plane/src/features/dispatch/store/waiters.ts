/** Runs that wait on a full or paused deployment, or on a full key of one, outside the claim's index. */
import type { CollisionStrategy } from '@signalbox/proto/api';
import type { Sql } from '../../../platform/sql.ts';

export type Pool = { readonly workspaceId: string; readonly poolId: string };

/** A limit on which runs wait. `limitId` is the deployment's own id, or that of one of its keys. */
export type ParkedLimit = { readonly limitId: string; readonly deploymentId: string };

/**
 * Wakes as many waiters of this limit as there is room; answers the pools that have work now. As `signalbox_system` or with the workspace set,
 * as a transaction of its own: its commit is not waited for, since a claim that takes whom it woke makes it durable, and the sweep wakes again.
 */
export function wakeWaiters(sql: Sql, deploymentId: string, limitId: string = deploymentId): Promise<Pool[]> {
  // Lock: the deployment's row, then runs SKIP LOCKED. Order: rank, run_id, by run_dispatch_parked.
  return sql.query(
    `SELECT workspace_id AS "workspaceId", pool_id AS "poolId"
     FROM set_config('synchronous_commit', 'off', true) AS async, wake_waiters($1::uuid, $2::uuid) WHERE async IS NOT NULL`,
    [deploymentId, limitId],
    'wake-waiters',
  );
}

/** Limits on which anything waits: one index probe a limit, however many wait on it. `strategy` is null once the deployment is gone. */
export async function listParkedLimits(sql: Sql): Promise<(ParkedLimit & { readonly strategy: CollisionStrategy | null })[]> {
  return sql.query(
    `WITH RECURSIVE parked (id, deployment_id) AS (
       (SELECT parked_on, deployment_id FROM run_dispatch WHERE parked_on IS NOT NULL ORDER BY parked_on LIMIT 1)
       UNION ALL
       SELECT d.* FROM parked CROSS JOIN LATERAL
         (SELECT x.parked_on, x.deployment_id FROM run_dispatch x WHERE x.parked_on > parked.id ORDER BY x.parked_on LIMIT 1) d
     ) SELECT parked.id AS "limitId", parked.deployment_id AS "deploymentId", dep.collision AS strategy
       FROM parked LEFT JOIN deployment dep ON dep.id = parked.deployment_id`,
    [],
    'parked-limits',
  );
}
