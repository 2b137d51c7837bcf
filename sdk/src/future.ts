/** Results that are still being made: what `submit` and `map` give back. */
import type { TaskRunStateType } from '@signalbox/proto';
import type { RunSession, TaskRunRecord } from './engine/session.ts';

const FUTURE = Symbol.for('@signalbox/sdk.future');
const FUTURES = Symbol.for('@signalbox/sdk.futures');

/**
 * The result of a submitted task run. Await it, call `result()`, or pass it to another task, which then waits for it
 * and records it as upstream. A failure that nobody looks at fails the flow.
 */
export class TaskFuture<R> implements PromiseLike<R> {
  readonly [FUTURE] = true;
  readonly #promise: Promise<R>;
  readonly #record: TaskRunRecord;
  readonly #session: RunSession;

  /** @internal */
  constructor(session: RunSession, record: TaskRunRecord, promise: Promise<R>) {
    this.#promise = promise;
    this.#record = record;
    this.#session = session;
    promise.catch((error) => {
      if (!this.#seen) session.unseenFailures.set(record.ordinal, error);
    });
  }

  #seen = false;

  /** Number of the task run inside the run. */
  get ordinal(): number {
    return this.#record.ordinal;
  }

  /** Name of the task run, as people see it. */
  get name(): string {
    return this.#record.name;
  }

  /** Where the task run stands now. */
  get state(): { readonly type: TaskRunStateType; readonly name: string } {
    return { type: this.#record.state, name: this.#record.stateName };
  }

  /** The result. @throws TaskFailedError, TimeoutError or CancelledError when there is none. */
  result(): Promise<R> {
    this.#seen = true;
    this.#session.unseenFailures.delete(this.#record.ordinal);
    return this.#promise;
  }

  /** How it ended, without throwing: `{ status: 'fulfilled', value }` or `{ status: 'rejected', reason }`. */
  async settled(): Promise<PromiseSettledResult<R>> {
    const [settled] = await Promise.allSettled([this.result()]);
    return settled;
  }

  // biome-ignore lint/suspicious/noThenProperty: a future is awaited like a promise
  then<A = R, B = never>(
    onFulfilled?: ((value: R) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.result().then(onFulfilled, onRejected);
  }
}

/** The futures of a mapped task, in the order of its items. Awaiting it gives the list of results. */
export class TaskFutureList<R> implements PromiseLike<R[]>, Iterable<TaskFuture<R>> {
  readonly [FUTURES] = true;
  readonly futures: readonly TaskFuture<R>[];

  /** @internal */
  constructor(futures: readonly TaskFuture<R>[]) {
    this.futures = futures;
  }

  get length(): number {
    return this.futures.length;
  }

  [Symbol.iterator](): Iterator<TaskFuture<R>> {
    return this.futures[Symbol.iterator]();
  }

  /** All results in order. @throws as soon as one of them fails. */
  result(): Promise<R[]> {
    return Promise.all(this.futures.map((future) => future.result()));
  }

  /** How each ended, in order, without throwing. */
  settled(): Promise<PromiseSettledResult<R>[]> {
    return Promise.allSettled(this.futures.map((future) => future.result()));
  }

  // biome-ignore lint/suspicious/noThenProperty: futures are awaited like a promise
  then<A = R[], B = never>(
    onFulfilled?: ((value: R[]) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.result().then(onFulfilled, onRejected);
  }
}

/** @internal Whether a value is a future of any copy of this package. */
export function isFuture(value: unknown): value is TaskFuture<unknown> {
  return typeof value === 'object' && value !== null && FUTURE in value;
}

/** @internal */
export function isFutureList(value: unknown): value is TaskFutureList<unknown> {
  return typeof value === 'object' && value !== null && FUTURES in value;
}
