/** What a task or a flow returns to choose its final state itself. */
const STATE = Symbol.for('@signalbox/sdk.returned-state');

/** A state with the value in it: who calls gets the value, or the failure. Made by `completed`, `failed` and `cancelled`. */
export interface ReturnedState<T> {
  readonly [STATE]: 'COMPLETED' | 'FAILED' | 'CANCELLED';
  /** State name, at most 100 characters. */
  readonly name: string;
  readonly message: string | undefined;
  readonly data: T;
}

/** What is left of a result when the state around it is taken off. */
export type Unwrapped<R> = R extends ReturnedState<infer T> ? T : R;

interface StateOptions {
  /** As people see it. Default: the title of the state. */
  readonly name?: string;
  readonly message?: string;
}

const NAME_MAX = 100;

/**
 * Completed under a name of your own; `data` is the result.
 * @example return completed({ name: 'Skipped', message: 'nothing new since yesterday', data: [] });
 */
export function completed<T = undefined>(options: StateOptions & { readonly data?: T } = {}): ReturnedState<T> {
  return returned('COMPLETED', 'Completed', options, options.data as T);
}

/** Failed without a throw. As a failure that is thrown it is retried, and who calls gets a TaskFailedError; `data` is in its cause. */
export function failed(options: StateOptions & { readonly data?: unknown } = {}): ReturnedState<never> {
  return returned('FAILED', 'Failed', options, options.data as never);
}

/** Cancelled by its own hand. Who calls gets a CancelledError. */
export function cancelled(options: Omit<StateOptions, 'name'> = {}): ReturnedState<never> {
  return returned('CANCELLED', 'Cancelled', options, undefined as never);
}

/** @internal Whether a value is a state of any copy of this package, and which. */
export function returnedState(value: unknown): (ReturnedState<unknown> & { readonly type: 'COMPLETED' | 'FAILED' | 'CANCELLED' }) | null {
  if (typeof value !== 'object' || value === null || !(STATE in value)) return null;
  const state = value as ReturnedState<unknown>;
  return { ...state, type: state[STATE] };
}

function returned<T>(
  type: ReturnedState<T>[typeof STATE],
  title: string,
  { name = title, message }: StateOptions,
  data: T,
): ReturnedState<T> {
  if (name.length === 0 || name.length > NAME_MAX) {
    throw new RangeError(`state: name: expected 1 to ${NAME_MAX} characters, got ${JSON.stringify(name.slice(0, NAME_MAX))}`);
  }
  return { [STATE]: type, name, message, data };
}
