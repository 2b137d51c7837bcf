/** Marks on the arguments of a task: the same for all of a map, or wanted also when it failed. */
import type { TaskFuture } from './future.ts';

const UNMAPPED = Symbol.for('@signalbox/sdk.unmapped');
const ALLOWED = Symbol.for('@signalbox/sdk.allow-failure');

export interface Unmapped<T> {
  readonly [UNMAPPED]: T;
}

export interface AllowedFailure<T> {
  readonly [ALLOWED]: TaskFuture<T>;
}

/** The same value for every run of a map, though it may be a list. @example pair.map(left, unmapped([1, 2, 3])) */
export function unmapped<T>(value: T): Unmapped<T> {
  return { [UNMAPPED]: value };
}

/** The result of a future, or the error where it failed: the task that takes it runs either way. */
export function allowFailure<T>(future: TaskFuture<T>): AllowedFailure<T | Error> {
  return { [ALLOWED]: future as TaskFuture<T | Error> };
}

/** @internal */
export function unmappedValue(value: unknown): { readonly value: unknown } | null {
  return typeof value === 'object' && value !== null && UNMAPPED in value ? { value: value[UNMAPPED] } : null;
}

/** @internal */
export function allowedFuture(value: unknown): TaskFuture<unknown> | null {
  return typeof value === 'object' && value !== null && ALLOWED in value ? (value[ALLOWED] as TaskFuture<unknown>) : null;
}
