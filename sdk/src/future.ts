/** Results that are still being made: what `submit` and `map` give back. */
import type { TaskRunStateType } from '@signalbox/proto';
import type { TaskScope } from './engine/flow-scope.ts';
import type { TaskRunRecord } from './engine/session.ts';

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
  readonly #scope: TaskScope;

  /** @internal */
  constructor(scope: TaskScope, record: TaskRunRecord, promise: Promise<R>) {
    this.#promise = promise;
    this.#record = record;
    this.#scope = scope;
    promise.catch((error) => {
      if (!this.#seen) scope.unseen(record.ordinal, error);
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
    this.#scope.seen(this.#record.ordinal);
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
  #futures: readonly TaskFuture<R>[] | null = null;
  readonly #ready: Promise<readonly TaskFuture<R>[]>;

  /** @internal A promise where the list that is mapped is still being made. */
  constructor(futures: readonly TaskFuture<R>[] | Promise<readonly TaskFuture<R>[]>) {
    if (Array.isArray(futures)) this.#futures = futures;
    this.#ready = Promise.resolve(futures).then((known) => {
      this.#futures = known;
      return known;
    });
    this.#ready.catch(() => {});
  }

  /** The futures, once there are as many as there will be: at once, or when the future of a list has ended. */
  ready(): Promise<readonly TaskFuture<R>[]> {
    return this.#ready;
  }

  /** @throws Error while the list that is mapped is still being made: await `ready()` first. */
  get futures(): readonly TaskFuture<R>[] {
    if (!this.#futures)
      throw new Error('how many task runs there will be is not known yet, since the list is still being made: await ready() first');
    return this.#futures;
  }

  get length(): number {
    return this.futures.length;
  }

  [Symbol.iterator](): Iterator<TaskFuture<R>> {
    return this.futures[Symbol.iterator]();
  }

  /** All results in order. @throws as soon as one of them fails. */
  async result(): Promise<R[]> {
    const futures = this.#futures ?? (await this.#ready);
    return Promise.all(futures.map((future) => future.result()));
  }

  /** The same as `result()`. */
  results(): Promise<R[]> {
    return this.result();
  }

  /** How each ended, in order, without throwing. */
  async settled(): Promise<PromiseSettledResult<R>[]> {
    const futures = this.#futures ?? (await this.#ready);
    return Promise.allSettled(futures.map((future) => future.result()));
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
