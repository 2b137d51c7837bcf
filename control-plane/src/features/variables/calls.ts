/** What running flows ask of their workspace: the value of a variable, and to take an event. */
import { openEnvelope } from '@signalbox/proto';
import { EVENT_PAYLOAD_MAX_BYTES, type GetVariableReply } from '@signalbox/proto/messages';
import { invalidInput, limitExceeded } from '../../platform/errors.ts';
import { inWorkspaces } from '../../platform/transaction.ts';
import { type Caller, type CallsCtx, type OpOf, requireHolding } from '../calls/index.ts';
import { countEvents, findVariable, insertEvent } from './store.ts';

/** Events of one run, all its attempts together. */
const MOST_EVENTS = 10_000;

export const workspaceCalls = { 'variables.get': getVariable, 'events.emit': emitEvent };

async function getVariable(ctx: CallsCtx, caller: Caller, op: OpOf<'variables.get'>): Promise<GetVariableReply> {
  return inWorkspaces(ctx.db.reportSql, [caller.workspaceId], async (sql) => {
    await requireHolding(sql, caller);
    const found = await findVariable(sql, caller.workspaceId, op.variable);
    return { value: found && openEnvelope(found.value) };
  });
}

/** @throws INVALID_INPUT for a payload over 64 KiB, LIMIT_EXCEEDED over 10,000 events of a run */
async function emitEvent(ctx: CallsCtx, caller: Caller, op: OpOf<'events.emit'>): Promise<{ id: string }> {
  const bytes = Buffer.byteLength(JSON.stringify(op.payload));
  if (bytes > EVENT_PAYLOAD_MAX_BYTES) {
    throw invalidInput([{ field: 'payload', expected: `at most ${EVENT_PAYLOAD_MAX_BYTES} bytes of JSON`, received: `${bytes} bytes` }]);
  }
  return inWorkspaces(ctx.db.reportSql, [caller.workspaceId], async (sql) => {
    await requireHolding(sql, caller);
    if ((await countEvents(sql, caller)) >= MOST_EVENTS) throw limitExceeded(`A run emits at most ${MOST_EVENTS} events.`);
    await insertEvent(sql, caller, op);
    return { id: op.requestId };
  });
}
