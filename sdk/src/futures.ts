/** Waiting for several futures. */
import type { Duration } from './duration.ts';
import { toMs } from './duration.ts';
import { TimeoutError } from './errors.ts';
import type { TaskFuture } from './future.ts';

type ResultsOf<F extends readonly unknown[]> = { -readonly [K in keyof F]: F[K] extends PromiseLike<infer R> ? R : F[K] };

/** The results of all, in order. @throws as soon as one of them fails. */
export function all<const F extends readonly unknown[] | []>(futures: F): Promise<ResultsOf<F>> {
  return Promise.all(futures) as Promise<ResultsOf<F>>;
}

/**
 * The futures in the order in which they end, however they end.
 * @example for await (const future of asCompleted(fetchPage.map(urls))) console.log(future.name, future.state.name);
 * @throws TimeoutError when not all have ended within `timeout`.
 */
export function asCompleted<R>(
  futures: Iterable<TaskFuture<R>>,
  options: { readonly timeout?: Duration } = {},
): AsyncIterableIterator<TaskFuture<R>> {
  // Wrapped, since a promise (and so a generator) never gives what can itself be awaited.
  const waiting = new Map([...futures].map((future) => [future, future.settled().then(() => ({ future }))]));
  const timeoutMs = options.timeout === undefined ? null : toMs(options.timeout, 'asCompleted: timeout');
  const { promise: late, reject } = Promise.withResolvers<never>();
  late.catch(() => {});
  const error = () => new TimeoutError(`${waiting.size} task runs had not ended within ${timeoutMs} ms`, { timeoutMs });
  const timer = timeoutMs === null ? undefined : setTimeout(() => reject(error()), timeoutMs);
  const iterator: AsyncIterableIterator<TaskFuture<R>> = {
    [Symbol.asyncIterator]: () => iterator,
    next: async () => {
      if (waiting.size === 0) return iterator.return?.() ?? { done: true, value: undefined };
      const { future } = await Promise.race([...waiting.values(), late]);
      waiting.delete(future);
      return { done: false, value: future };
    },
    return: async () => {
      clearTimeout(timer);
      return { done: true, value: undefined };
    },
  };
  return iterator;
}
