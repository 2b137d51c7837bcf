/** What a run asks of a control plane, answered by its test. */
import type { CallOp, PauseReply } from '@signalbox/proto/messages';
import { SignalboxError } from '../client/signalbox-error.ts';
import { WakingCalls } from '../engine/calls.ts';
import type { Clock } from '../engine/clock.ts';
import { acquireLocally, releaseLocally } from '../engine/local-slots.ts';

const PAUSE_MS = 3_600_000;

/** What a test has prepared, shared by all attempts of its runs. */
export interface Prepared {
  /** Answers of people by the key of the question; without one, the run waits. */
  readonly answers: Map<string, unknown>;
  /** Keys of questions whose time is up. */
  readonly expired: Set<string>;
  readonly variables: Map<string, unknown>;
  /** By `type/name`. */
  readonly blocks: Map<string, unknown>;
  /** By the id of their request: one that is told again counts once. */
  readonly events: Map<string, { event: string; payload: unknown }>;
}

export class TestCalls extends WakingCalls {
  readonly #prepared: Prepared;
  readonly #clock: Clock;
  readonly #onUnanswered: (key: string) => void;

  /** Keys of questions with `onExpire: 'return'`. */
  readonly #goOn = new Set<string>();

  constructor(prepared: Prepared, clock: Clock, onUnanswered: (key: string) => void) {
    super();
    this.#prepared = prepared;
    this.#clock = clock;
    this.#onUnanswered = onUnanswered;
  }

  async call(op: CallOp, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    const { answers, expired, variables, blocks, events } = this.#prepared;
    switch (op.name) {
      case 'slots.acquire':
        return acquireLocally(op, () => this.wake());
      case 'slots.release':
        return releaseLocally(op);
      case 'approve':
      case 'pause': {
        if (answers.has(op.key)) return this.#answer(op.key);
        if (op.name === 'approve' && op.onExpire === 'return') this.#goOn.add(op.key);
        if (expired.has(op.key)) return this.#expire(op.key, signal);
        const waitMs = op.timeoutMs ?? PAUSE_MS;
        const timeIsUp = () => {
          if (answers.has(op.key) || signal.aborted) return;
          if (!this.#goOn.has(op.key)) return this.#onUnanswered(op.key);
          expired.add(op.key);
          this.wake();
        };
        if (op.how === 'pause') this.#clock.after(waitMs, timeIsUp, 'guard');
        return { status: 'waiting', expiresAt: new Date(this.#clock.now() + waitMs).toISOString() } satisfies PauseReply;
      }
      case 'pauseAnswer':
        if (answers.has(op.key)) return this.#answer(op.key);
        if (expired.has(op.key)) return this.#expire(op.key, signal);
        return { status: 'waiting', expiresAt: new Date(this.#clock.now()).toISOString() } satisfies PauseReply;
      case 'variables.get':
        return { value: variables.has(op.variable) ? { encoding: 'json', body: variables.get(op.variable) } : null };
      case 'blocks.get': {
        const body = blocks.get(`${op.type}/${op.block}`);
        return { value: body === undefined ? null : { encoding: 'json', body } };
      }
      case 'events.emit':
        if (!events.has(op.requestId)) events.set(op.requestId, { event: op.event, payload: op.payload });
        return { id: op.requestId };
      default:
        throw new SignalboxError({ code: 'UNAVAILABLE', message: `${op.name} needs a control plane: a test runtime has none` });
    }
  }

  /** Told to a flow that wants to go on; the run of any other ends. @throws the signal's reason then */
  #expire(key: string, signal: AbortSignal): PauseReply {
    if (!this.#goOn.has(key)) this.#onUnanswered(key);
    signal.throwIfAborted();
    return { status: 'expired' };
  }

  #answer(key: string): PauseReply {
    return { status: 'answered', input: { encoding: 'json', body: this.#prepared.answers.get(key) ?? {} } };
  }
}
