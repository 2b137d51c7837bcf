import { isId, toUuid } from '@signalbox/proto';
import type { Tx } from '../../platform/db.ts';
import { notFound } from '../../platform/errors.ts';

/** What schedules and backfills need to know of their deployment. */
export type DeploymentForSchedule = {
  readonly id: string;
  readonly name: string;
  readonly flow: string;
  readonly parameters: Record<string, unknown>;
  readonly parameterSchema: Record<string, unknown> | null;
};

/** A deployment by `flow/name` or id, held against a delete until the commit. @throws NOT_FOUND */
export async function lockDeploymentFor(tx: Tx, workspaceId: string, ref: string): Promise<DeploymentForSchedule> {
  const [flow = '', name = ''] = ref.split('/');
  const id = isId('deployment', ref) ? toUuid('deployment', ref) : null;
  const [row] = await tx.$queryRaw<DeploymentForSchedule[]>`
    SELECT d.id, d.name, f.name AS flow, d.parameters, d.parameter_schema AS "parameterSchema"
    FROM deployment d JOIN flow f ON f.id = d.flow_id
    WHERE d.workspace_id = ${workspaceId}::uuid AND CASE WHEN ${id}::uuid IS NULL THEN f.name = ${flow} AND d.name = ${name} ELSE d.id = ${id}::uuid END
    FOR KEY SHARE OF d`;
  if (!row) throw notFound('deployment', ref);
  return row;
}
