/** Runs whose pool was deleted while they waited follow their deployment to its new pool. */
import type { Tx } from '../../platform/db.ts';
import type { Place } from './store.ts';

/** Locks the runs it moves; a claim never sees them before, since they lie in no queue that exists. */
export async function adoptOrphans(tx: Tx, workspaceId: string, deploymentId: string, place: Place): Promise<number> {
  return tx.$executeRaw`
    UPDATE run_dispatch d SET pool_id = ${place.poolId}::uuid, queue_id = ${place.queueId}::uuid, parked_on = NULL
     WHERE d.workspace_id = ${workspaceId}::uuid AND d.deployment_id = ${deploymentId}::uuid AND d.state_type = 'SCHEDULED'
       AND NOT EXISTS (SELECT 1 FROM work_queue q WHERE q.id = d.queue_id)`;
}
