/** What a deploy writes. */
import { uuidv7 } from '@signalbox/proto';
import type { deployInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { Prisma } from '../../generated/prisma/client.ts';
import type { Tx } from '../../platform/db.ts';
import type { Place, Version } from './store.ts';

type Input = z.output<typeof deployInput>;

export async function ensureFlow(tx: Tx, workspaceId: string, name: string): Promise<string> {
  await tx.flow.createMany({ data: { id: uuidv7(Date.now()), workspaceId, name }, skipDuplicates: true });
  const flow = await tx.flow.findUniqueOrThrow({ where: { workspaceId_name: { workspaceId, name } } });
  return flow.id;
}

/** False when the flow has a deployment of this name: the unique index decides, and a transaction that makes one is waited for. */
export async function insertDeployment(
  tx: Tx,
  key: { id: string; workspaceId: string; flowId: string; versionId: string; name: string },
  input: Input,
  place: Place,
): Promise<boolean> {
  const { count } = await tx.deployment.createMany({ data: { ...key, ...columnsOf(input, place) }, skipDuplicates: true });
  return count === 1;
}

export async function updateDeployment(tx: Tx, key: { id: string; versionId: string }, input: Input, place: Place): Promise<void> {
  const data = { ...columnsOf(input, place), versionId: key.versionId, updatedAt: new Date() };
  await tx.deployment.update({ where: { id: key.id }, data });
}

export async function insertVersion(
  tx: Tx,
  key: { id: string; workspaceId: string; deploymentId: string },
  version: Version,
): Promise<void> {
  const { digest, source, config } = version;
  await tx.deploymentVersion.createMany({ data: { ...key, digest, source, config: config as unknown as Prisma.InputJsonObject } });
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

function columnsOf(input: Input, place: Place) {
  return {
    ...place,
    description: input.description,
    tags: input.tags,
    parameterSchema: input.parameterSchema === null ? Prisma.DbNull : (input.parameterSchema as Prisma.InputJsonObject),
    parameters: input.parameters as Prisma.InputJsonObject,
    concurrencyLimit: input.concurrencyLimit,
  };
}
