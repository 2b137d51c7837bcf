/** What running flows tell: an event of their own, once for each request. */
import { EVENT_PAYLOAD_MAX_BYTES } from '@signalbox/proto/messages';
import { invalidInput, limitExceeded } from '../../platform/errors.ts';
import { inWorkspaces } from '../../platform/transaction.ts';
import { requireUsage } from '../../platform/usage.ts';
import { type Caller, type CallsCtx, type OpOf, requireHolding } from '../calls/index.ts';
import { foreignName } from './catalogue.ts';
import { addReceipt, countReceipts } from './receipts.ts';
import { AHEAD_MS } from './service.ts';
import { appendEvents } from './store.ts';

/** Events of one run, all its attempts together. */
const MOST_EVENTS = 10_000;

export const eventCalls = { 'events.emit': emitFromRun };

/** @throws INVALID_INPUT for a payload over 64 KiB, LIMIT_EXCEEDED over 10,000 events of a run */
async function emitFromRun(ctx: CallsCtx, caller: Caller, op: OpOf<'events.emit'>): Promise<{ id: string }> {
  const bytes = Buffer.byteLength(JSON.stringify(op.payload));
  if (bytes > EVENT_PAYLOAD_MAX_BYTES) {
    throw invalidInput([{ field: 'payload', expected: `at most ${EVENT_PAYLOAD_MAX_BYTES} bytes of JSON`, received: `${bytes} bytes` }]);
  }
  const { workspaceId, runId } = caller;
  let isNew = false;
  const reply = await inWorkspaces(ctx.db.reportSql, [workspaceId], async (sql) => {
    await requireHolding(sql, caller);
    isNew = await addReceipt(sql, caller, op.requestId);
    if (!isNew) return { id: op.requestId };
    requireUsage(ctx.usage, workspaceId, 'events', 1);
    if ((await countReceipts(sql, caller)) > MOST_EVENTS) throw limitExceeded(`A run emits at most ${MOST_EVENTS} events.`);
    const resource = op.resource === null ? undefined : { id: op.resource };
    // A flow does not fail for the clock of its machine.
    const occurredAt = Date.parse(op.occurredAt) > Date.now() + AHEAD_MS ? undefined : op.occurredAt;
    await appendEvents(sql, [
      { workspaceId, runId, id: op.requestId, name: foreignName(op.event), resource, payload: op.payload, occurredAt },
    ]);
    return { id: op.requestId };
  });
  if (isNew) {
    ctx.usage.count(workspaceId, 'events', 1);
    ctx.bus.wake('appended');
  }
  return reply;
}
