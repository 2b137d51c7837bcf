/** Look-ups that verbs of runs share. Lists and details have stores of their own. */

import type { RunStateType } from '@signalbox/proto';
import { isId, type RunKind, toUuid } from '@signalbox/proto';
import type { Tx } from '../../platform/db.ts';
import type { Sql } from '../../platform/sql.ts';
import type { PoolWithTemplate } from '../work-pools/index.ts';

export type RunDeployment = {
  readonly id: string;
  readonly name: string;
  readonly kind: RunKind;
  readonly flow: { readonly id: string; readonly name: string };
  readonly tags: readonly string[];
  readonly poolId: string | null;
  /** Whether its pool has a template of its own, which may ask for variables. */
  readonly hasTemplate: boolean;
  readonly parameterSchema: Record<string, unknown> | null;
  readonly parameters: Record<string, unknown>;
};

type DeploymentRow = {
  id: string;
  name: string;
  kind: RunKind;
  flow_id: string;
  flow_name: string;
  tags: string[];
  pool_id: string | null;
  has_template: boolean;
  parameter_schema: Record<string, unknown> | null;
  parameters: Record<string, unknown>;
};

/**
 * The deployment by `flow/deployment` or id, or null. Its row is held against a delete or a deploy until the run is
 * committed; runs do not hold each other up.
 */
export async function lockDeploymentForRun(sql: Sql, workspaceId: string, ref: string): Promise<RunDeployment | null> {
  const [flow = null, name = null, ...rest] = ref.split('/');
  const id = isId('deployment', ref) ? toUuid('deployment', ref) : null;
  if (id === null && (name === null || rest.length > 0)) return null;
  const [row] = await sql.query<DeploymentRow>(
    `SELECT d.id, d.name, d.kind, f.id AS flow_id, f.name AS flow_name, d.tags, d.pool_id, p.template IS NOT NULL AS has_template,
            d.parameter_schema, d.parameters
       FROM deployment d JOIN flow f ON f.id = d.flow_id LEFT JOIN work_pool p ON p.id = d.pool_id
      WHERE d.workspace_id = $1::uuid AND (d.id = $2::uuid OR ($2::uuid IS NULL AND f.workspace_id = $1::uuid AND f.name = $3 AND d.name = $4))
        FOR KEY SHARE OF d`,
    [workspaceId, id, flow, name],
    'lock-deployment-for-run',
  );
  if (!row) return null;
  const { flow_id, flow_name, pool_id, has_template, parameter_schema, ...same } = row;
  return { ...same, flow: { id: flow_id, name: flow_name }, poolId: pool_id, hasTemplate: has_template, parameterSchema: parameter_schema };
}

/** The queues of a pool, best first. */
export function listQueueNames(sql: Sql, poolId: string | null): Promise<{ id: string; name: string }[]> {
  return sql.query('SELECT id, name FROM work_queue WHERE pool_id = $1::uuid ORDER BY priority', [poolId]);
}

/** What lies under a run's own variables: its deployment's, merged, and the pool's template; null when the pool is gone. */
export async function readVariablesBelow(
  sql: Sql,
  deploymentId: string,
): Promise<{ variables: Record<string, unknown>; pool: PoolWithTemplate } | null> {
  const [row] = await sql.query<PoolWithTemplate & { variables: Record<string, unknown> | null }>(
    `SELECT v.config -> 'variables' AS variables, p.name, p.launcher, p.template
       FROM deployment d JOIN deployment_version v ON v.id = d.version_id JOIN work_pool p ON p.id = d.pool_id WHERE d.id = $1::uuid`,
    [deploymentId],
  );
  if (!row) return null;
  const { variables, ...pool } = row;
  return { variables: variables ?? {}, pool };
}

export type RunPlace = { readonly retentionClass: string; readonly deploymentId: string; readonly endedAs: RunStateType | null };

// The id prunes to one day a class; the primary key finds it there.
const FIND_RECORD = `SELECT retention_class AS "retentionClass", deployment_id AS "deploymentId", state_type AS "endedAs"
  FROM run WHERE id = $1::uuid AND workspace_id = $2::uuid`;

/** Where the run's record lies; null when the workspace has none. `endedAs` is null while it is live. */
export async function findRecord(sql: Sql, workspaceId: string, runId: string): Promise<RunPlace | null> {
  const [row] = await sql.query<RunPlace>(FIND_RECORD, [runId, workspaceId], 'find-record');
  return row ?? null;
}

/** What the deployment of a record has now; null when it was deleted. */
export async function findDeploymentOfRun(
  tx: Tx,
  workspaceId: string,
  deploymentId: string,
): Promise<{ name: string; poolId: string | null } | null> {
  const row = await tx.deployment.findFirst({ where: { id: deploymentId, workspaceId }, select: { name: true, poolId: true } });
  return row;
}
