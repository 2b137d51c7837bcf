/** What running flows ask of their workspace: the value of a variable. */
import { openEnvelope } from '@signalbox/proto';
import type { GetVariableReply } from '@signalbox/proto/messages';
import { inWorkspaces } from '../../platform/transaction.ts';
import { type Caller, type CallsCtx, type OpOf, requireHolding } from '../calls/index.ts';
import { findVariable } from './store.ts';

export const variableCalls = { 'variables.get': getVariable };

async function getVariable(ctx: CallsCtx, caller: Caller, op: OpOf<'variables.get'>): Promise<GetVariableReply> {
  return inWorkspaces(ctx.db.reportSql, [caller.workspaceId], async (sql) => {
    await requireHolding(sql, caller);
    const found = await findVariable(sql, caller.workspaceId, op.variable);
    return { value: found && openEnvelope(found.value) };
  });
}
