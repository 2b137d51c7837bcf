/** What makes two calls of a task one: policies that compute a key, and combine. */
import type { Duration } from '../duration.ts';
import type { RunInfo } from '../run-info.ts';

/** A call that may be answered from the cache. */
export interface CacheCall {
  readonly task: string;
  /** Text of the task's function. */
  readonly source: string;
  readonly args: readonly unknown[];
  readonly run: RunInfo;
}

/** Gives what counts of a call; null: this call is not cached. It is hashed, with the task's name unless that is shared. */
export interface CachePolicy {
  parts(call: CacheCall): readonly unknown[] | null | Promise<readonly unknown[] | null>;
  /** True: the key alone counts, so that several tasks may share results. */
  readonly isShared: boolean;
  /** Both count. */
  and(other: CachePolicy): CachePolicy;
}

export interface CacheOptions {
  /** Default: `cachePolicy.inputs().and(cachePolicy.taskSource())`. */
  readonly policy?: CachePolicy;
  /** How long a result is used. Default: until it is deleted. */
  readonly expires?: Duration;
  /** Make it anew and replace what is kept. Default: as `SIGNALBOX_RESULTS_REFRESH` says, else no. */
  readonly refresh?: boolean;
  /**
   * `read-committed` (default): calls at the same time may each run. `serializable`: one runs, in whatever process, and
   * the others wait for its result.
   */
  readonly isolation?: 'read-committed' | 'serializable';
}

function policy(isShared: boolean, parts: CachePolicy['parts']): CachePolicy {
  return {
    isShared,
    parts,
    and: (other) =>
      policy(isShared && other.isShared, async (call) => {
        const [mine, theirs] = [await parts(call), await other.parts(call)];
        return mine && theirs && [mine, theirs];
      }),
  };
}

/**
 * What a cached result depends on. Combine with `and`: `cachePolicy.inputs().and(cachePolicy.runId())`.
 * @example task({ name: 'stars', cache: { policy: cachePolicy.inputs({ exclude: ['token'] }), expires: '1h' } }, fetchStars)
 */
export const cachePolicy = {
  /** The arguments; of those that are objects without the properties named in `exclude`; numbers exclude whole arguments. */
  inputs({ exclude = [] }: { readonly exclude?: readonly (string | number)[] } = {}): CachePolicy {
    const left = new Set(exclude);
    return policy(false, ({ args }) => [args.map((arg, index) => (left.has(index) ? undefined : without(arg, left)))]);
  },
  /** The text of the task's function (not of what it calls): changed code makes results anew. */
  taskSource: (): CachePolicy => policy(false, ({ source }) => [source]),
  /** The parameters of the run. */
  flowParameters: (): CachePolicy => policy(false, ({ run }) => [run.parameters]),
  /** The run: results are used again within it alone. */
  runId: (): CachePolicy => policy(false, ({ run }) => [run.id]),
  /** Not cached. */
  none: (): CachePolicy => policy(false, () => null),
  /** Your own key; null: not cached. Tasks that give the same key share a result. */
  custom: (key: (call: CacheCall) => string | null | Promise<string | null>): CachePolicy =>
    policy(true, async (call) => {
      const text = await key(call);
      return text === null ? null : [text];
    }),
} as const;

function without(arg: unknown, left: ReadonlySet<string | number>): unknown {
  if (typeof arg !== 'object' || arg === null || left.size === 0) return arg;
  if (Object.getPrototypeOf(arg) !== Object.prototype) return arg;
  return Object.fromEntries(Object.entries(arg).filter(([key]) => !left.has(key)));
}
