/**
 * Futures among a task's arguments: an argument itself, an element of an array, or a value of a plain object. Deeper
 * ones are left as they are, so that passing large data costs nothing.
 */
import { allowedFuture } from '../annotations.ts';
import { isFuture, isFutureList, type TaskFuture } from '../future.ts';
import type { RunSession } from './session.ts';

/** Arrays longer than this are not searched for results of other task runs (futures in them always are). */
const ORIGIN_SEARCH_MAX = 100;

export interface Upstream {
  /** Ordinals of the task runs whose results are taken. */
  readonly ordinals: number[];
  readonly futures: TaskFuture<unknown>[];
}

/** Which task runs a list of arguments depends on: by future, or by being the very object a task returned. */
export function findUpstream(session: RunSession, args: readonly unknown[]): Upstream {
  const ordinals = new Set<number>();
  const futures: TaskFuture<unknown>[] = [];
  const look = (value: unknown, searchOrigins: boolean) => {
    if (typeof value !== 'object' || value === null) return;
    if (isFuture(value)) futures.push(value);
    else if (isFutureList(value)) futures.push(...value.futures);
    else if (allowedFuture(value)) futures.push(allowedFuture(value) as TaskFuture<unknown>);
    else if (searchOrigins) {
      const origin = session.originOf(value);
      if (origin !== undefined) ordinals.add(origin.ordinal);
    }
  };
  for (const arg of args) {
    look(arg, true);
    if (isPending(arg)) continue;
    const parts = Array.isArray(arg) ? arg : isPlainObject(arg) ? Object.values(arg) : [];
    for (const part of parts) look(part, parts.length <= ORIGIN_SEARCH_MAX);
  }
  for (const future of futures) ordinals.add(future.ordinal);
  return { ordinals: [...ordinals], futures };
}

/** The arguments with every future replaced by its result. @throws what the first failed future throws. */
export function resolveArguments(args: readonly unknown[]): Promise<unknown[]> {
  return Promise.all(args.map(resolveArgument));
}

async function resolveArgument(arg: unknown): Promise<unknown> {
  if (isPending(arg)) return resolvePart(arg);
  if (Array.isArray(arg)) return arg.some(isPending) ? Promise.all(arg.map(resolvePart)) : arg;
  if (isPlainObject(arg) && Object.values(arg).some(isPending)) {
    const entries = Object.entries(arg).map(async ([key, value]) => [key, await resolvePart(value)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }
  return arg;
}

function isPending(value: unknown): boolean {
  return isFuture(value) || isFutureList(value) || allowedFuture(value) !== null;
}

function resolvePart(value: unknown): unknown {
  const allowed = allowedFuture(value);
  if (allowed) return allowed.settled().then((settled) => (settled.status === 'fulfilled' ? settled.value : settled.reason));
  return isFuture(value) || isFutureList(value) ? value.result() : value;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
