/** Queries of pools' job templates. */
import type { PoolTemplate } from '@signalbox/proto/api';
import type { JobDefaults } from '../../../domain/layers/pool-template.ts';
import { Prisma } from '../../../generated/prisma/client.ts';
import type { Tx } from '../../../platform/db.ts';

/** `template` null: the launcher's own. */
export type PoolWithTemplate = { readonly name: string; readonly launcher: string; readonly template: PoolTemplate | null };

export async function readTemplate(tx: Tx, poolId: string): Promise<PoolWithTemplate> {
  const row = await tx.workPool.findUniqueOrThrow({ where: { id: poolId }, select: { name: true, launcher: true, template: true } });
  return { ...row, template: row.template as PoolTemplate | null };
}

/** The template, and what of it travels with claims; the pool's row is locked. */
export async function writeTemplate(tx: Tx, poolId: string, template: PoolTemplate | null, defaults: JobDefaults | null): Promise<void> {
  const json = (value: object | null) => (value ? (value as Prisma.InputJsonObject) : Prisma.DbNull);
  await tx.workPool.update({ where: { id: poolId }, data: { template: json(template), jobDefaults: json(defaults) } });
}

/** Variables of a pool's deployments as code and people have them, oldest first. Index: deployment_workspace. */
export function readVariables(
  tx: Tx,
  { workspaceId, poolId }: { workspaceId: string; poolId: string },
  limit: number,
): Promise<{ name: string; variables: Record<string, unknown> | null }[]> {
  return tx.$queryRaw`
    SELECT f.name || '/' || d.name AS name, v.config -> 'variables' AS variables
      FROM deployment d JOIN flow f ON f.id = d.flow_id JOIN deployment_version v ON v.id = d.version_id
     WHERE d.workspace_id = ${workspaceId}::uuid AND d.pool_id = ${poolId}::uuid ORDER BY d.id LIMIT ${limit}`;
}
