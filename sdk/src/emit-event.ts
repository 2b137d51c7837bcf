/** Custom events: what a flow tells the workspace, for automations and people. */
import { hash } from 'node:crypto';
import type { EngineContext } from './engine/context.ts';
import { findEngineContext } from './engine/context.ts';
import { knownSecrets } from './engine/redaction.ts';

// The wire's bounds; written out, since a cold start pays for every module.
const NAME = /^[a-z0-9]+([._-][a-z0-9]+)*$/;
const RESERVED_NAMES =
  /^(run|task-run|command|artifact|asset|approval|automation|agent|work-pool|limit|schedule|notification|incident|failure-group|sla|webhook)\./;
const PAYLOAD_MAX_BYTES = 64 * 1024;

export interface EmitEventOptions {
  /** What it is about: `order/4711`. Default: the run. */
  readonly resource?: string;
  /** Facts as JSON, at most 64 KiB. Default: none. */
  readonly payload?: Readonly<Record<string, unknown>>;
}

/**
 * Emits an event of the run the code is in, and resolves once it is stored. Without an agent it is logged. A step that is
 * retried, or called again in a later attempt of the run, emits each of its events once: the n-th of a name and resource.
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
    const expected =
      'a name that does not begin with run., task-run., command., artifact., asset., approval., automation., agent., work-pool., limit., schedule., notification., incident., failure-group., sla. or webhook.';
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
      requestId: requestIdOf(ctx, event, resource),
      event,
      resource: resource ?? null,
      payload: knownSecrets.maskJson({ ...payload }),
      occurredAt: new Date(session.clock.now()).toISOString(),
    },
    signal,
  );
}

/** The same in every attempt of the step for the n-th event of this name and resource: the control plane takes it once. */
function requestIdOf({ session, task, run }: EngineContext, event: string, resource: string | undefined): string {
  const said = JSON.stringify([task?.key ?? null, event, resource ?? null]);
  const n = session.countEmitted(`${task?.ordinal ?? 0} ${task?.attempt ?? 1} ${said}`);
  const digits = hash('sha256', `${run.id} ${said} ${n}`);
  // A UUID of version 8, whose bits are the maker's own (RFC 9562).
  const variant = ((Number.parseInt(digits[16] as string, 16) & 0x3) | 0x8).toString(16);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}
