/** Declaring a task: a function whose runs are named, retried, timed and reported. */

import type { AllowedFailure, Unmapped } from './annotations.ts';
import type { AssetRef } from './asset.ts';
import { toAsset } from './asset.ts';
import type { Duration } from './duration.ts';
import { toMs } from './duration.ts';
import { callOutsideRun, callTask, submitTask } from './engine/call-task.ts';
import { findEngineContext } from './engine/context.ts';
import { declaredIn } from './engine/isolation/declared-in.ts';
import { mapTask } from './engine/map-task.ts';
import type { ResultOptions } from './engine/results/result-policy.ts';
import { resultPolicy, taskCache } from './engine/results/result-policy.ts';
import type { TaskFuture, TaskFutureList } from './future.ts';
import { checkTags, nameOf } from './names.ts';
import type { CacheOptions } from './results/cache-policy.ts';
import type { TaskRetryOptions } from './retry.ts';
import { retryPolicy } from './retry.ts';
import type { Unwrapped } from './returned-state.ts';
import type { ChildRun } from './run-deployment.ts';
import { runNamer } from './run-name.ts';
import { type StateHookOptions, stateHooks } from './state-hooks.ts';
import type { IsolatedTask, TaskDefinition } from './task-definition.ts';
import type { Transaction } from './transaction.ts';

export interface TaskOptions<A extends readonly unknown[] = readonly unknown[]> extends TaskRetryOptions, ResultOptions, StateHookOptions {
  /** What people see; 1 to 200 characters. Default: the name of the function. */
  readonly name?: string;
  /** Longest one attempt may take. Its signal is aborted then; a timeout is retried like any failure. Default: none. */
  readonly timeout?: Duration;
  /**
   * Labels, at most 20. While an attempt runs it holds a slot of the limit `tag:<tag>` of each tag for which there is
   * one; until it has them all it waits, AwaitingConcurrencySlot. Default: none.
   */
  readonly tags?: readonly string[];
  /** Answers calls with results of earlier ones, of any run. What is kept is kept as `resultStorage` says. */
  readonly cache?: CacheOptions;
  /** Called with the transaction and the result, when the transaction around it is committed; without one when it completed. */
  readonly onCommit?: (transaction: Transaction, result: never) => unknown;
  /** Undoes it: called when the transaction around it is rolled back. */
  readonly onRollback?: (transaction: Transaction, result: never) => unknown;
  /** Most runs of one `map` at the same time, at least 1. Default 32. */
  readonly maxConcurrency?: number;
  /**
   * Runs it in a thread or a process of its own, which is ended when it takes too long or is cancelled, even while its code
   * never comes back. That place imports the file which declares the task, and finds it by its name among the exports.
   * Arguments and result travel lossless: no functions, no instances of classes. Default: in the flow's own thread.
   */
  readonly isolate?: 'thread' | 'process';
  /**
   * Name of one run of it, from its arguments: `(month) => month.name`, or a template with their positions:
   * `'load {0} of {1.name}'`. At most 200 characters; one that cannot be made is logged. Default: the task's name and a number.
   */
  readonly runName?: string | ((...args: { [K in keyof A]: NoInfer<A[K]> }) => string);
  /**
   * What it makes outside: `['s3://lake/orders']`, `asset(...)`, or a function of its arguments. Told when it completed or failed
   * for good, and not when its result was kept. They are made from the assets that came with its arguments, and `assetDeps`.
   */
  readonly assets?: readonly AssetRef[] | ((...args: { [K in keyof A]: NoInfer<A[K]> }) => readonly AssetRef[]);
  /** What else it reads, that no task of the run made. */
  readonly assetDeps?: readonly AssetRef[];
}

/** Options of one call: `report.with({ name: 'final', waitFor: [load] })(rows)`. */
export interface CallOptions {
  /** Task runs that must have completed before; their results are not passed. */
  readonly waitFor?: readonly (TaskFuture<unknown> | TaskFutureList<unknown> | AllowedFailure<unknown>)[];
}

export interface MapOptions {
  /** Most runs at the same time, at least 1. Default 32. */
  readonly concurrency?: number;
}

/** A value, or the future of it. Inside arrays and plain objects futures are taken one level deep. */
export type Resolvable<T> =
  | T
  | TaskFuture<T>
  | AllowedFailure<T>
  | (T extends readonly (infer U)[] ? TaskFutureList<U> | readonly (U | TaskFuture<U>)[] : never)
  | (T extends Record<string, unknown> ? { readonly [K in keyof T]: T[K] | TaskFuture<T[K]> } : never);

type ResolvableArgs<A extends readonly unknown[]> = { [K in keyof A]: Resolvable<A[K]> };
type First<A extends readonly unknown[]> = A extends readonly [(infer F)?, ...unknown[]] ? F : never;
type Rest<A extends readonly unknown[]> = A extends readonly [unknown?, ...infer R] ? R : [];

/** An argument of `map`: a list of values, a list of futures, or the future of a list; else the same for every run. */
export type Mappable<T> =
  | Iterable<Resolvable<T>>
  | TaskFutureList<T>
  | TaskFuture<Iterable<T>>
  | Unmapped<Resolvable<T>>
  | (T extends string ? T : T extends Iterable<unknown> ? never : T);

type MappableArgs<A extends readonly unknown[]> = { [K in keyof A]: Mappable<A[K]> };

/** A declared task. Calling it inside a flow makes a task run; outside any run only its retries and timeout apply. */
export interface Task<A extends readonly unknown[], R> {
  /** Runs it and gives its result. @throws TaskFailedError, TimeoutError or CancelledError. */
  (...args: ResolvableArgs<A>): Promise<R>;
  readonly name: string;
  /** Starts it and goes on: the future is awaited later, or passed to another task. @throws Error outside a run. */
  submit(...args: ResolvableArgs<A>): TaskFuture<R>;
  /**
   * Starts one run for each item, at most `maxConcurrency` at a time. Lists among the arguments have one length, and go
   * item by item; what is no list, a text, and what is `unmapped` is the same for all. The second form gives items and
   * options. @throws Error outside a run; RangeError for no list, or lists of different lengths.
   * @example await pair.map([1, 2, 3], ['a', 'b', 'c']);
   * @example await monthFigures.map(months, unmapped(thresholds));
   * @example await monthFigures.map(months, { args: [threshold], concurrency: 4 });
   */
  map(...args: MappableArgs<A>): TaskFutureList<R>;
  map(
    items: Iterable<Resolvable<First<A>>>,
    ...options: [] extends Rest<A>
      ? [options?: MapOptions & { readonly args?: ResolvableArgs<Rest<A>> }]
      : [options: MapOptions & { readonly args: ResolvableArgs<Rest<A>> }]
  ): TaskFutureList<R>;
  /** The same task with some options changed. */
  with(options: Partial<TaskOptions<A>> & CallOptions): Task<A, R>;
  /** The function itself, without an engine around it. */
  readonly fn: (...args: A) => unknown;
  /**
   * Has it run in the background, by agents that `serveTasks` runs, and comes back once its run is made. Arguments travel
   * lossless, up to the workspace's bound of parameters. In a flow a step makes one run, whatever attempt it is in.
   * @example await sendMail.delay({ to: 'a@example.com' });
   */
  delay(...args: A): Promise<ChildRun>;
}

/**
 * Declares a task: with options, by name alone, or as a function that has a name.
 * @example const fetchPage = task({ name: 'fetch-page', retries: 3, retryDelay: '1s' }, async (url: string) => ...);
 * @throws RangeError when an option is out of range.
 */
export function task<A extends readonly unknown[], R>(fn: (...args: A) => R): Task<A, Unwrapped<Awaited<R>>>;
export function task<A extends readonly unknown[], R>(
  options: TaskOptions<A> | string,
  fn: (...args: A) => R,
): Task<A, Unwrapped<Awaited<R>>>;
export function task<A extends readonly unknown[], R>(
  first: TaskOptions<A> | string | ((...args: A) => R),
  second?: (...args: A) => R,
): Task<A, Unwrapped<Awaited<R>>> {
  const given: TaskOptions<A> & CallOptions = typeof first === 'string' ? { name: first } : typeof first === 'function' ? {} : first;
  const fn = (typeof first === 'function' ? first : second) as (...args: A) => R;
  if (typeof fn !== 'function') throw new RangeError('task: expected a function');
  return declare(given, fn, { file: declaredIn(task), exportedAs: nameOf(given.name, fn, 'task') });
}

/** `home`: where a thread or process finds it, whatever `with` calls it. */
function declare<A extends readonly unknown[], R>(
  given: TaskOptions<A> & CallOptions,
  fn: (...args: A) => R,
  home: Omit<IsolatedTask, 'kind'>,
): Task<A, Unwrapped<Awaited<R>>> {
  const name = nameOf(given.name, fn, 'task');
  const owner = `task "${name}"`;
  const definition: TaskDefinition = {
    name,
    retry: retryPolicy(given, owner),
    timeoutMs: given.timeout === undefined ? null : toMs(given.timeout, `${owner}: timeout`),
    tags: checkTags(given.tags ?? [], owner),
    runName: runNamer(given.runName, owner, (args) => args),
    results: resultPolicy(given.cache && given.persistResult === undefined ? { ...given, persistResult: true } : given),
    cache: taskCache(given.cache, given.persistResult, owner),
    maxConcurrency: given.maxConcurrency ?? null,
    hooks: given.onCommit || given.onRollback ? { onCommit: given.onCommit ?? null, onRollback: given.onRollback ?? null } : null,
    states: stateHooks(given, owner),
    assets: given.assets || given.assetDeps ? checkedAssets(given, owner) : null,
    waitFor: given.waitFor ?? [],
    isolation: given.isolate === undefined ? null : { kind: checkIsolation(given.isolate, owner), ...home },
    fn: fn as TaskDefinition['fn'],
  };
  const call = (...args: unknown[]) => {
    const ctx = findEngineContext();
    return ctx ? callTask(ctx, definition, args) : callOutsideRun(definition, args);
  };
  const methods = {
    submit: (...args: unknown[]) => submitTask(inRun(`${owner}.submit`), definition, args),
    map: (...args: unknown[]) => mapTask(inRun(`${owner}.map`), definition, args),
    with: (changed: Partial<TaskOptions<A>> & CallOptions) => declare({ ...given, ...changed }, fn, home),
    fn,
    delay: async (...args: unknown[]) => (await import('./background.ts')).runInBackground(name, args),
  };
  Object.defineProperty(call, 'name', { value: name });
  return Object.assign(call, methods) as unknown as Task<A, Unwrapped<Awaited<R>>>;
}

function checkIsolation(isolate: unknown, owner: string): IsolatedTask['kind'] {
  if (isolate === 'thread' || isolate === 'process') return isolate;
  throw new RangeError(`${owner}: isolate: expected thread or process, got ${JSON.stringify(isolate)}`);
}

function checkedAssets({ assets, assetDeps }: Pick<TaskOptions<never>, 'assets' | 'assetDeps'>, owner: string): TaskDefinition['assets'] {
  if (Array.isArray(assets)) for (const ref of assets) toAsset(ref, `${owner}: assets`);
  for (const ref of assetDeps ?? []) toAsset(ref, `${owner}: assetDeps`);
  return { ...(assets && { assets }), ...(assetDeps && { assetDeps }) } as TaskDefinition['assets'];
}

function inRun(what: string) {
  const ctx = findEngineContext();
  if (!ctx) throw new Error(`${what}() was called outside of a run: call it in a flow or a task`);
  return ctx;
}
