/** Years of history in minutes: ended runs written straight into the partitions, spread over the open days. */
import type { Yard } from '../../control-plane/test/dispatch.ts';
import type { System } from '../test-support/system.ts';

const BATCH = 250_000;

/** `count` completed runs of this deployment, as the terminal transition leaves them, each with its attempt. */
export async function writeHistory(system: System, yard: Yard, deploymentId: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    await system.sql(
      `WITH made AS (
         SELECT signalbox_uuidv7(now() - (g % 2) * interval '12 hours') AS id, now() AS at
         FROM generate_series(1, $1::int) g
       ), records AS (
         INSERT INTO run (retention_class, id, workspace_id, flow_id, deployment_id, version_id, pool_id, queue_id, name, parameters, created_by,
           due_at, created_at, state_type, state_name, attempt, epoch, started_at, ended_at, states)
         SELECT 'd30', m.id, $2, d.flow_id, d.id, d.version_id, d.pool_id, d.queue_id, 'past', '{"encoding":"json","body":{}}', 'api',
           m.at, m.at, 'COMPLETED', 'Completed', 1, 1, m.at, m.at, '[{"type":"SCHEDULED"},{"type":"RUNNING"},{"type":"COMPLETED"}]'
         FROM made m, deployment d WHERE d.id = $3
       )
       INSERT INTO attempt (retention_class, run_id, epoch, workspace_id, attempt, claimed_at, started_at, ended_at, state_type, state_name)
       SELECT 'd30', m.id, 1, $2, 1, m.at, m.at, m.at, 'COMPLETED', 'Completed' FROM made m`,
      [Math.min(BATCH, count - from), yard.workspaceId, deploymentId],
    );
    process.stderr.write(`\r  ${Math.min(from + BATCH, count).toLocaleString('en')} historic runs`);
  }
  process.stderr.write('\n');
  // Written back and looked through, as it would be long before it counts as history.
  await system.sql('ANALYZE run');
  await system.sql('CHECKPOINT').catch(() => {});
}
