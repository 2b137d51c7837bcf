/**
 * One run for each item of one list, or of several of one length. Lists are iterables (no text), lists of futures, and
 * futures of lists; all else, and what is wrapped in `unmapped`, is the same for every run.
 */
import { unmappedValue } from '../annotations.ts';
import type { TaskFuture } from '../future.ts';
import { isFuture, isFutureList, TaskFutureList } from '../future.ts';
import type { TaskDefinition } from '../task-definition.ts';
import { failBefore, startTask } from './call-task.ts';
import type { EngineContext } from './context.ts';
import { limiter } from './limiter.ts';

const DEFAULT_CONCURRENCY = 32;

/** The older form: items, and options with what is the same for all. */
interface MapOptions {
  readonly concurrency?: number;
  readonly args?: readonly unknown[];
}

export function mapTask<R>(ctx: EngineContext, task: TaskDefinition, given: readonly unknown[]): TaskFutureList<R> {
  const [items, options] = given;
  const old = given.length === 2 && isOptions(options) ? options : null;
  const concurrency = old?.concurrency ?? task.maxConcurrency ?? DEFAULT_CONCURRENCY;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`task "${task.name}".map: concurrency: expected a whole number of at least 1, got ${concurrency}`);
  }
  const args = old ? [items, ...(old.args ?? []).map((arg) => ({ same: arg }))] : given.map(asSame);
  const awaited = args.filter((arg): arg is TaskFuture<unknown> => isFuture(arg));
  if (awaited.length === 0) return new TaskFutureList(start<R>(ctx, task, args, concurrency));
  return new TaskFutureList((ctx.scope ?? ctx.session).track(startLater<R>(ctx, task, args, awaited, concurrency)));
}

interface Same {
  readonly same: unknown;
}

function asSame(arg: unknown): unknown {
  const wrapped = unmappedValue(arg);
  if (wrapped) return { same: wrapped.value } satisfies Same;
  return isFuture(arg) || isList(arg) ? arg : ({ same: arg } satisfies Same);
}

function isSame(arg: unknown): arg is Same {
  return typeof arg === 'object' && arg !== null && Object.hasOwn(arg, 'same');
}

function isList(arg: unknown): arg is Iterable<unknown> {
  return isFutureList(arg) || (typeof arg === 'object' && arg !== null && Symbol.iterator in arg);
}

function isOptions(arg: unknown): arg is MapOptions {
  if (typeof arg !== 'object' || arg === null || Object.getPrototypeOf(arg) !== Object.prototype) return false;
  const keys = Object.keys(arg);
  return keys.length > 0 && keys.every((key) => key === 'args' || key === 'concurrency');
}

function start<R>(ctx: EngineContext, task: TaskDefinition, args: readonly unknown[], concurrency: number): TaskFuture<R>[] {
  const lists = args.map((arg) => (isSame(arg) ? null : [...(arg as Iterable<unknown>)]));
  const total = lengthOf(task, lists);
  const turn = limiter(concurrency);
  // All are created before any starts, so that ordinals and keys follow the items.
  const starts = Array.from({ length: total }, (_, index) => {
    const own = args.map((arg, place) => (isSame(arg) ? arg.same : lists[place]?.[index]));
    return startTask<R>(ctx, task, own, { index, total }, turn);
  });
  return starts.map((begin) => begin());
}

function lengthOf(task: TaskDefinition, lists: readonly (readonly unknown[] | null)[]): number {
  const lengths = lists.flatMap((list, place) => (list ? [{ place, length: list.length }] : []));
  const [first] = lengths;
  if (!first) throw new RangeError(`task "${task.name}".map: expected a list among its arguments; submit() starts one run`);
  if (lengths.some(({ length }) => length !== first.length)) {
    const found = lengths.map(({ place, length }) => `argument ${place + 1} with ${length}`).join(', ');
    throw new RangeError(
      `task "${task.name}".map: expected lists of one length, got ${found}; wrap what is the same for all in unmapped()`,
    );
  }
  return first.length;
}

/** How many runs there will be is known when the lists are there. What is no list then is the same for all. */
async function startLater<R>(
  ctx: EngineContext,
  task: TaskDefinition,
  args: readonly unknown[],
  awaited: readonly TaskFuture<unknown>[],
  concurrency: number,
): Promise<TaskFuture<R>[]> {
  try {
    await Promise.all(awaited.map((future) => future.result()));
  } catch (error) {
    throw failBefore(ctx, task, error);
  }
  const resolved = await Promise.all(args.map(async (arg) => (isFuture(arg) ? asSame(await arg.result()) : arg)));
  return start<R>(ctx, task, resolved, concurrency);
}
