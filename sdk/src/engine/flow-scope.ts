/** What one call of a sub-flow started: it ends after that, and a failure that nobody looked at is its own. */
import type { RunSession } from './session.ts';

/** Who waits for task runs, and hears of failures that nobody looked at: the run, or a flow inside it. */
export interface TaskScope {
  /** See {@link RunSession.track}. */
  track<R>(promise: Promise<R>): Promise<R>;
  /** A future failed that nobody has looked at, by the ordinal of its task run. */
  unseen(ordinal: number, error: unknown): void;
  /** Somebody looked at it. */
  seen(ordinal: number): void;
}

export class FlowScope implements TaskScope {
  readonly #session: RunSession;
  readonly #controller = new AbortController();
  readonly #outstanding = new Set<Promise<unknown>>();
  readonly #unseen = new Map<number, unknown>();
  readonly #release: () => void;
  #state: 'open' | 'ended' | 'failed' = 'open';

  /** @param outer the signal of what encloses it */
  constructor(session: RunSession, outer: AbortSignal) {
    this.#session = session;
    const onAbort = () => this.#controller.abort(outer.reason);
    if (outer.aborted) onAbort();
    outer.addEventListener('abort', onAbort, { once: true });
    this.#release = () => outer.removeEventListener('abort', onAbort);
  }

  /** Aborted with that of what encloses it, and when the flow failed. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  track<R>(promise: Promise<R>): Promise<R> {
    this.#outstanding.add(promise);
    const forget = () => void this.#outstanding.delete(promise);
    promise.then(forget, forget);
    return this.#session.track(promise);
  }

  unseen(ordinal: number, error: unknown): void {
    // Code that goes on after its flow ended belongs to the run; that of a failed flow is told with it.
    if (this.#state === 'open') this.#unseen.set(ordinal, error);
    else if (this.#state === 'ended') this.#session.unseen(ordinal, error);
  }

  seen(ordinal: number): void {
    this.#unseen.delete(ordinal);
    this.#session.seen(ordinal);
  }

  /** Waits for every task run. @throws the first failure that nobody looked at. */
  async settle(): Promise<void> {
    while (this.#outstanding.size > 0) await Promise.allSettled(this.#outstanding);
    for (const error of this.#unseen.values()) throw error;
    this.#state = 'ended';
    this.#release();
  }

  /** Stops what still runs, and waits for it no longer than that. Where the run stops, the run waits. */
  async fail(reason: Error, graceMs: number): Promise<void> {
    this.#state = 'failed';
    this.#controller.abort(reason);
    this.#release();
    if (this.#outstanding.size === 0 || this.#session.signal.aborted) return;
    const { promise: waited, resolve } = Promise.withResolvers<void>();
    const cancel = this.#session.clock.after(graceMs, resolve, 'guard');
    await Promise.race([Promise.allSettled(this.#outstanding), waited]);
    cancel();
  }
}
