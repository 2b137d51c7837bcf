/** The run that asks, as its holder. */
import { toId } from '@signalbox/proto';
import { conflict } from '../../../platform/errors.ts';
import type { Sql } from '../../../platform/sql.ts';
import type { Caller } from '../../calls/index.ts';

export type Parent = {
  readonly retentionClass: string;
  readonly depth: number;
  readonly replayFloor: number;
};

type Row = { retentionClass: string; depth: number; replayFloor: string; stateType: string; stateName: string };

/**
 * Locks the caller's dispatch row, so that a step makes one run however often it is asked at once.
 * @throws CONFLICT when this agent does not hold the run under this epoch any more, or the run is being cancelled.
 * One that is Paused has its process: what waits for a person is one branch of it.
 */
export async function lockParent(sql: Sql, caller: Caller): Promise<Parent> {
  const [row] = await sql.query<Row>(
    `SELECT d.retention_class AS "retentionClass", r.depth, r.replay_floor AS "replayFloor", d.state_type AS "stateType", d.state_name AS "stateName"
     FROM run_dispatch d JOIN run r ON r.retention_class = d.retention_class AND r.id = d.run_id
     WHERE d.run_id = $1::uuid AND d.epoch = $2::bigint AND d.agent_id = $3::uuid FOR UPDATE OF d`,
    [caller.runId, caller.epoch, caller.agentId],
  );
  const run = toId('run', caller.runId);
  if (!row) throw conflict(`${run} is not held by this agent under epoch ${caller.epoch} any more.`, { reason: 'stale' });
  if (row.stateType !== 'RUNNING' && row.stateType !== 'PAUSED')
    throw conflict(`${run} is ${row.stateName} and starts no more runs.`, { reason: 'not-running' });
  return { retentionClass: row.retentionClass, depth: row.depth, replayFloor: Number(row.replayFloor) };
}

/** @throws CONFLICT when this agent does not hold the run under this epoch any more. No lock. */
export async function requireHeld(sql: Sql, { runId, epoch, agentId }: Caller): Promise<void> {
  const [row] = await sql.query(
    'SELECT 1 FROM run_dispatch WHERE run_id = $1::uuid AND epoch = $2::bigint AND agent_id = $3::uuid',
    [runId, epoch, agentId],
    'require-held',
  );
  if (!row) throw conflict(`${toId('run', runId)} is not held by this agent under epoch ${epoch} any more.`, { reason: 'stale' });
}

export async function markParent(sql: Sql, runId: string): Promise<void> {
  await sql.query('UPDATE run_dispatch SET has_children = true WHERE run_id = $1::uuid AND NOT has_children', [runId], 'mark-parent');
}
