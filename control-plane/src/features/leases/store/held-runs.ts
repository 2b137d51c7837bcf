/** Which runs are whose, and since when their agent does not name them. */
import type { Sql } from '../../../platform/sql.ts';
import type { HeldRun } from '../holding.ts';

/** All runs of these agents. Index: run_dispatch_agent. */
export async function readHeldRuns(sql: Sql, agentIds: readonly string[]): Promise<HeldRun[]> {
  if (agentIds.length === 0) return [];
  const rows = await sql.query<Omit<HeldRun, 'epoch'> & { epoch: string }>(
    `SELECT run_id AS "runId", epoch, agent_id AS "agentId", state_type AS type, state_name AS name, unnamed_since IS NOT NULL AS "isUnnamed", wanted
     FROM run_dispatch WHERE agent_id = ANY ($1::uuid[]) ORDER BY run_id`,
    [agentIds],
    'held-runs',
  );
  return rows.map((row) => ({ ...row, epoch: Number(row.epoch) }));
}

/**
 * Runs that their agent does not name get the served instant since when; those it names lose it. Only while they are
 * still that agent's. Locks the rows, ascending by id.
 */
export async function markNamed(
  sql: Sql,
  marks: { unnamed: readonly string[]; named: readonly string[]; agentIds: readonly string[] },
): Promise<void> {
  if (marks.unnamed.length + marks.named.length === 0) return;
  await sql.query(
    `UPDATE run_dispatch d SET unnamed_since = CASE WHEN d.run_id = ANY ($1::uuid[]) THEN coalesce(d.unnamed_since, served_now()) END
     FROM (SELECT run_id FROM run_dispatch WHERE run_id = ANY ($1::uuid[] || $2::uuid[]) AND agent_id = ANY ($3::uuid[]) ORDER BY run_id FOR UPDATE) held
     WHERE d.run_id = held.run_id`,
    [marks.unnamed, marks.named, marks.agentIds],
  );
}
