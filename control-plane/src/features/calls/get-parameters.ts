/** Parameters too large for a claim's answer. */
import type { Envelope } from '@signalbox/proto';
import { inWorkspaces } from '../../platform/transaction.ts';
import type { Caller, CallsCtx } from './call.ts';
import { notHeld } from './holding.ts';

export async function getParameters(ctx: CallsCtx, caller: Caller): Promise<{ parameters: Envelope }> {
  // Primary keys, no lock. No row: the run is not this agent's under this epoch.
  const [row] = await inWorkspaces(ctx.db.reportSql, [caller.workspaceId], (sql) =>
    sql.query<{ parameters: Envelope }>(
      `SELECT r.parameters FROM run_dispatch d JOIN run r ON r.retention_class = d.retention_class AND r.id = d.run_id
       WHERE d.run_id = $1::uuid AND d.epoch = $2::bigint AND d.agent_id = $3::uuid`,
      [caller.runId, caller.epoch, caller.agentId],
    ),
  );
  if (!row) throw notHeld(caller);
  return row;
}
