/** Calls of a run under an agent: numbered frames, told again on every new connection until they are answered. */
import type { CallOp, FromChild, ToChild } from '@signalbox/proto/messages';
import { CancelledError } from '../errors.ts';
import { WakingCalls } from './calls.ts';

type Frame = Extract<FromChild, { type: 'call' }>;
interface Open {
  readonly frame: Frame;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class ChildCalls extends WakingCalls {
  readonly #say: (frame: Frame) => void;
  readonly #open = new Map<number, Open>();
  #numbered = 0;
  #isOver = false;

  constructor(say: (frame: Frame) => void) {
    super();
    this.#say = say;
  }

  async call(op: CallOp, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    if (this.#isOver) throw new CancelledError('the run is over');
    const frame: Frame = { type: 'call', id: ++this.#numbered, op };
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#open.set(frame.id, { frame, resolve, reject });
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#say(frame);
    try {
      return await promise;
    } finally {
      this.#open.delete(frame.id);
      signal.removeEventListener('abort', onAbort);
    }
  }

  answer({ id, ok, error }: Extract<ToChild, { type: 'answer' }>): void {
    const open = this.#open.get(id);
    // Loaded when it is needed: most runs are refused nothing, and a cold start pays for every module.
    if (error) void import('../client/signalbox-error.ts').then(({ SignalboxError }) => open?.reject(new SignalboxError(error)));
    else open?.resolve(ok);
  }

  /** A new connection: whoever is there now may not know of what is open. */
  repeat(): void {
    for (const { frame } of this.#open.values()) this.#say(frame);
  }

  close(): void {
    this.#isOver = true;
    for (const { reject } of this.#open.values()) reject(new CancelledError('the run is over'));
  }
}
