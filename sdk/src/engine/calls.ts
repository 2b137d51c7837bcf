/** Port: what a flow asks of the control plane while it runs. Adapters: child (through the agent), local (in this process). */
import type { CallOp } from '@signalbox/proto/messages';

export interface Calls {
  /**
   * The answer. Under an agent it waits through outages.
   * @throws SignalboxError when it is refused; the signal's reason when that is aborted first.
   */
  call(op: CallOp, signal: AbortSignal): Promise<unknown>;

  /**
   * Asks until `isDone` says so of an answer: at once, on every wake, and every few seconds, since wakes may be lost.
   * `againInMs` says of an answer that it is worth asking sooner.
   */
  waitFor<T>(op: CallOp, isDone: (answer: T) => boolean, signal: AbortSignal, againInMs?: (answer: T) => number | undefined): Promise<T>;

  /** What somebody waits for may have come: open waits ask again. */
  wake(): void;
}

const ASK_EVERY_MS = 5_000;

/** `waitFor` over `call`; each adapter says when to ask again. */
export abstract class WakingCalls implements Calls {
  #wakes = new Set<() => void>();

  abstract call(op: CallOp, signal: AbortSignal): Promise<unknown>;

  async waitFor<T>(
    op: CallOp,
    isDone: (answer: T) => boolean,
    signal: AbortSignal,
    againInMs?: (answer: T) => number | undefined,
  ): Promise<T> {
    for (;;) {
      // Listened for before asking: a wake that comes while the answer is on its way is not missed.
      const woken = this.#nextWake(signal);
      try {
        const answer = (await this.call(op, signal)) as T;
        if (isDone(answer)) return answer;
        woken.within(againInMs?.(answer));
        await woken.promise;
      } finally {
        woken.cancel();
      }
      signal.throwIfAborted();
    }
  }

  /** What somebody waits for may have come. */
  wake(): void {
    for (const wake of [...this.#wakes]) wake();
  }

  /** Resolves at a wake, on abort, and after 5 to 10 s. */
  #nextWake(signal: AbortSignal): { promise: Promise<void>; within: (ms: number | undefined) => void; cancel: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    let sooner: NodeJS.Timeout | undefined;
    const timer = setTimeout(resolve, ASK_EVERY_MS * (1 + Math.random()));
    this.#wakes.add(resolve);
    const onAbort = () => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    const within = (ms: number | undefined) => {
      if (ms !== undefined && ms < ASK_EVERY_MS) sooner = setTimeout(resolve, ms);
    };
    const cancel = () => {
      clearTimeout(timer);
      clearTimeout(sooner);
      signal.removeEventListener('abort', onAbort);
      this.#wakes.delete(resolve);
      resolve();
    };
    return { promise, within, cancel };
  }
}
