/** What running flows ask of blocks: one of their workspace, with references where its secrets are. */
import { openEnvelope } from '@signalbox/proto';
import type { GetBlockReply } from '@signalbox/proto/messages';
import { inWorkspaces } from '../../platform/transaction.ts';
import { type Caller, type CallsCtx, type OpOf, requireHolding } from '../calls/index.ts';
import { findBlock } from './store.ts';

export const blockCalls = { 'blocks.get': getBlock };

async function getBlock(ctx: CallsCtx, caller: Caller, op: OpOf<'blocks.get'>): Promise<GetBlockReply> {
  return inWorkspaces(ctx.db.reportSql, [caller.workspaceId], async (sql) => {
    await requireHolding(sql, caller);
    const found = await findBlock(sql, caller.workspaceId, { type: op.type, name: op.block });
    return { value: found && openEnvelope(found.value) };
  });
}
