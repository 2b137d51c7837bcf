/** Custom events: what a flow tells the workspace, for automations and people. */
import { randomUUID } from 'node:crypto';
import { findEngineContext } from './engine/context.ts';
import { knownSecrets } from './engine/redaction.ts';

// The wire's bounds; written out, since a cold start pays for every module.
const NAME = /^[a-z0-9]+([._-][a-z0-9]+)*$/;
const RESERVED_NAMES = /^(run|command|artifact|automation|agent|limit)\./;
const PAYLOAD_MAX_BYTES = 64 * 1024;

export interface EmitEventOptions {
  /** What it is about: `order/4711`. Default: the run. */
  readonly resource?: string;
  /** Facts as JSON, at most 64 KiB. Default: none. */
  readonly payload?: Readonly<Record<string, unknown>>;
}

/**
 * Emits an event of the run the code is in, and resolves once it is stored. Without an agent it is logged.
 * @example await emitEvent('order.paid', { resource: `order/${id}`, payload: { amount } });
 * @throws Error outside a run; RangeError for a bad name or payload; SignalboxError when it is refused (over 10,000 a run).
 */
export async function emitEvent(event: string, { resource, payload = {} }: EmitEventOptions = {}): Promise<void> {
  const ctx = findEngineContext();
  if (!ctx) throw new Error('emitEvent() was called outside of a run: call it in a flow or a task');
  if (typeof event !== 'string' || event.length > 200 || !NAME.test(event)) {
    const expected = 'lower-case words with single . _ or - between them, such as order.paid';
    throw new RangeError(`emitEvent: event: expected ${expected}, got ${JSON.stringify(event)}`);
  }
  if (RESERVED_NAMES.test(event)) {
    const expected = 'a name that does not begin with run., command., artifact., automation., agent. or limit.';
    throw new RangeError(`emitEvent: event: expected ${expected}, got ${JSON.stringify(event)}`);
  }
  const bytes = Buffer.byteLength(JSON.stringify(payload));
  if (bytes > PAYLOAD_MAX_BYTES)
    throw new RangeError(`emitEvent: payload: expected at most ${PAYLOAD_MAX_BYTES} bytes of JSON, got ${bytes}`);
  const { session, task, signal, run } = ctx;
  if (run.deployment === null && !session.doubles) {
    session.log('info', `event ${event}${resource ? ` of ${resource}` : ''}`, { task, attributes: { ...payload } });
    return;
  }
  await session.calls.call(
    {
      name: 'events.emit',
      requestId: randomUUID(),
      event,
      resource: resource ?? null,
      payload: knownSecrets.maskJson({ ...payload }),
      occurredAt: new Date(session.clock.now()).toISOString(),
    },
    signal,
  );
}
