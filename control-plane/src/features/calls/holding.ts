/** Whether the caller of an operation may speak for the run. */
import { toId } from '@signalbox/proto';
import { type AppError, conflict } from '../../platform/errors.ts';
import type { Sql } from '../../platform/sql.ts';
import type { Caller } from './call.ts';

/** The run as its holder sees it. */
export type Held = { readonly retentionClass: string; readonly stateType: string; readonly stateName: string };

/**
 * The run, when this agent holds it under this epoch; with `lock`, its dispatch row is locked until the transaction ends
 * (lock order: limits before runs). @throws CONFLICT otherwise: what it asks for is nobody's any more.
 */
export async function requireHolding(sql: Sql, caller: Caller, lock: 'lock' | 'read' = 'read'): Promise<Held> {
  const [held] = await sql.query<Held>(
    `SELECT d.retention_class AS "retentionClass", d.state_type AS "stateType", d.state_name AS "stateName"
     FROM run_dispatch d WHERE d.run_id = $1::uuid AND d.epoch = $2::bigint AND d.agent_id = $3::uuid
     ${lock === 'lock' ? 'FOR UPDATE' : ''}`,
    [caller.runId, caller.epoch, caller.agentId],
  );
  if (!held) throw notHeld(caller);
  return held;
}

export function notHeld({ runId, epoch }: Caller): AppError {
  return conflict(`${toId('run', runId)} is not held by this agent under epoch ${epoch} any more.`, { reason: 'stale' });
}
