/** States that code returned instead of a value, as the engine goes on with them. */
import { CancelledError } from '../errors.ts';
import type { TaskFuture } from '../future.ts';
import { isFuture, isFutureList } from '../future.ts';
import { returnedState } from '../returned-state.ts';
import { describeError } from './failure.ts';

/** `failed()` was returned. */
export class ReturnedFailure extends Error {
  override readonly name = 'ReturnedFailure';
  readonly stateName: string;
  readonly data: unknown;

  constructor(stateName: string, message: string, data: unknown) {
    super(message);
    this.stateName = stateName;
    this.data = data;
  }
}

export interface Taken<R> {
  readonly result: R;
  readonly stateName: string;
  readonly message?: string;
}

/** The value, and the name of its state. @throws ReturnedFailure or CancelledError for a state that is none. */
export function takeState<R>(value: R): Taken<R> {
  const state = returnedState(value);
  if (!state) return { result: value, stateName: 'Completed' };
  if (state.type === 'FAILED') throw new ReturnedFailure(state.name, state.message ?? `it returned the state ${state.name}`, state.data);
  if (state.type === 'CANCELLED') throw new CancelledError(state.message ?? 'it returned that it is cancelled');
  return { result: state.data as R, stateName: state.name, message: state.message };
}

/**
 * What a flow returned, with the results of futures in it (a future, or a list or set of them).
 * @throws Error that counts the failed ones; CancelledError when one was cancelled and the flow returned no failure.
 */
export async function takeFutures(value: unknown): Promise<unknown> {
  const parts = isFutureList(value) ? [...value] : value instanceof Set || Array.isArray(value) ? [...value] : null;
  const futures = parts?.filter((part): part is TaskFuture<unknown> => isFuture(part)) ?? [];
  if (!parts || futures.length === 0) return value;
  const settled = await Promise.all(futures.map((future) => future.settled()));
  const failures = settled.flatMap((one, i) => (one.status === 'rejected' ? [{ reason: one.reason as unknown, future: futures[i] }] : []));
  const [first] = failures;
  if (first) {
    if (failures.every(({ future }) => future?.state.type === 'CANCELLED')) throw new CancelledError(describeError(first.reason));
    const message = `${failures.length} of ${futures.length} task runs that it returned failed: ${describeError(first.reason)}`;
    throw new Error(message, { cause: first.reason });
  }
  const results = await Promise.all(parts);
  return value instanceof Set ? new Set(results) : results;
}
