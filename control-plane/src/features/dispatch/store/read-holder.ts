import type { Sql } from '../../../platform/sql.ts';

/** The agent that holds a run, and under which epoch; null when nobody does. Primary key, no lock. */
export async function readHolder(sql: Sql, runId: string): Promise<{ agentId: string; epoch: number } | null> {
  const [row] = await sql.query<{ agentId: string; epoch: string }>(
    'SELECT agent_id AS "agentId", epoch FROM run_dispatch WHERE run_id = $1::uuid AND agent_id IS NOT NULL',
    [runId],
  );
  return row ? { agentId: row.agentId, epoch: Number(row.epoch) } : null;
}
