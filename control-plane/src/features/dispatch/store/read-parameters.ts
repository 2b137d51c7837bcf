/** Parameters too large for a claim's answer. */
import type { Envelope } from '@signalbox/proto';
import type { Sql } from '../../../platform/sql.ts';

/** Null when the run is not this agent's under this epoch. No lock; primary keys. */
export async function readParameters(sql: Sql, held: { runId: string; epoch: number; agentId: string }): Promise<Envelope | null> {
  const [row] = await sql.query<{ parameters: Envelope }>(
    `SELECT r.parameters FROM run_dispatch d JOIN run r ON r.retention_class = d.retention_class AND r.id = d.run_id
     WHERE d.run_id = $1::uuid AND d.epoch = $2::bigint AND d.agent_id = $3::uuid`,
    [held.runId, held.epoch, held.agentId],
  );
  return row?.parameters ?? null;
}
