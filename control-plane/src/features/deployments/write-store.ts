/** What a deploy writes beside versions and merged values. */
import { type RunKind, uuidv7 } from '@signalbox/proto';
import type { Tx } from '../../platform/db.ts';
import type { Place } from './store.ts';

export async function ensureFlow(tx: Tx, workspaceId: string, name: string): Promise<string> {
  await tx.flow.createMany({ data: { id: uuidv7(Date.now()), workspaceId, name }, skipDuplicates: true });
  const flow = await tx.flow.findUniqueOrThrow({ where: { workspaceId_name: { workspaceId, name } } });
  return flow.id;
}

/**
 * An empty deployment, to be filled in the same transaction. False when the flow has one of this name: the unique index
 * decides, and a transaction that makes one is waited for.
 */
export async function insertDeployment(
  tx: Tx,
  key: { id: string; workspaceId: string; flowId: string; versionId: string; name: string; kind: RunKind },
): Promise<boolean> {
  const { count } = await tx.deployment.createMany({ data: key, skipDuplicates: true });
  return count === 1;
}

/** What runs that are made from now on execute. Of the deployment's row, which is locked. */
export async function setKind(tx: Tx, id: string, kind: RunKind): Promise<void> {
  await tx.deployment.updateMany({ where: { id, kind: { not: kind } }, data: { kind } });
}

/**
 * Runs whose pool was deleted while they waited follow their deployment to its new pool. Locks the runs it moves; a claim
 * never sees them before, since they lie in no queue that exists.
 */
export async function adoptOrphans(tx: Tx, workspaceId: string, deploymentId: string, place: Place): Promise<number> {
  return tx.$executeRaw`
    UPDATE run_dispatch d SET pool_id = ${place.poolId}::uuid, queue_id = ${place.queueId}::uuid, parked_on = NULL
     WHERE d.workspace_id = ${workspaceId}::uuid AND d.deployment_id = ${deploymentId}::uuid AND d.state_type = 'SCHEDULED'
       AND NOT EXISTS (SELECT 1 FROM work_queue q WHERE q.id = d.queue_id)`;
}
