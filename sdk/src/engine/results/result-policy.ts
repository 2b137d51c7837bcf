/** Whether the result of a step is kept, and where: the task's word, else its flow's, else the run's. Loads nothing. */
import { toMs } from '../../duration.ts';
import type { CacheOptions, CachePolicy } from '../../results/cache-policy.ts';
import { cachePolicy } from '../../results/cache-policy.ts';
import type { ResultSerializer } from '../../results/serializer.ts';
import { resultSettings } from '../../results/settings.ts';
import type { ResultStorage } from '../../results/storage.ts';

/** Options of tasks and flows; a flow's are those of its tasks where they say nothing. */
export interface ResultOptions {
  /**
   * Whether results are kept, so that a later attempt of the run is given them instead of running the task again. Default:
   * yes under an agent and in a flow with retries, as `SIGNALBOX_RESULTS_PERSIST` says otherwise.
   */
  readonly persistResult?: boolean;
  /** Where. Default: the agent's folder; without an agent `.signalbox/results`. Naming one turns persisting on. */
  readonly resultStorage?: ResultStorage;
  /** How. Default: lossless. Naming one turns persisting on. */
  readonly resultSerializer?: ResultSerializer;
}

/** What a task or a flow says of results; null where it says nothing. */
export interface ResultPolicy {
  readonly persist: boolean | null;
  readonly storage: ResultStorage | null;
  readonly serializer: ResultSerializer | null;
}

/** What holds for a run where neither task nor flow says. */
export interface RunResultDefaults {
  /** Keep results though nobody asked: under an agent, and in a run that this process itself tries again. */
  readonly persist: boolean;
  /** Where those go; null: where all others go. */
  readonly scratch: ResultStorage | null;
  /** Results of epochs before this one are not used. 0: all are. */
  readonly replayFloor: number;
}

/** How the result of one step is kept. */
export interface Keeping {
  /** Somebody asked for it: what goes wrong is said louder. */
  readonly isAsked: boolean;
  /** Null: the run's own. */
  readonly storage: ResultStorage | null;
  readonly serializer: ResultSerializer | null;
}

/** A task's caching, checked. */
export interface TaskCache {
  readonly policy: CachePolicy;
  readonly expiresMs: number | null;
  readonly refresh: boolean | null;
  readonly isSerializable: boolean;
}

export const NO_POLICY: ResultPolicy = { persist: null, storage: null, serializer: null };

export function resultPolicy(options: ResultOptions): ResultPolicy {
  const { persistResult, resultStorage, resultSerializer } = options;
  if (persistResult === undefined && !resultStorage && !resultSerializer) return NO_POLICY;
  return { persist: persistResult ?? null, storage: resultStorage ?? null, serializer: resultSerializer ?? null };
}

/** Null: not kept. */
export function keepingOf(defaults: RunResultDefaults | null, own: ResultPolicy, flow: ResultPolicy): Keeping | null {
  if (defaults === null) return null;
  const asked = own.persist ?? impliedBy(own) ?? flow.persist ?? impliedBy(flow) ?? resultSettings().persist;
  if (!(asked ?? defaults.persist)) return null;
  const storage = own.storage ?? flow.storage ?? (asked === null ? defaults.scratch : null);
  return { isAsked: asked !== null, storage, serializer: own.serializer ?? flow.serializer };
}

/** @throws RangeError when results may not be kept, or an option is out of range. */
export function taskCache(cache: CacheOptions | undefined, persistResult: boolean | undefined, owner: string): TaskCache | null {
  if (cache === undefined) return null;
  if (persistResult === false) throw new RangeError(`${owner}: cache: expected persistResult not to be false, since a cache keeps results`);
  const isolation = cache.isolation ?? 'read-committed';
  if (isolation !== 'read-committed' && isolation !== 'serializable') {
    throw new RangeError(`${owner}: cache.isolation: expected read-committed or serializable, got ${String(isolation)}`);
  }
  return {
    policy: cache.policy ?? cachePolicy.inputs().and(cachePolicy.taskSource()),
    expiresMs: cache.expires === undefined ? null : toMs(cache.expires, `${owner}: cache.expires`),
    refresh: cache.refresh ?? null,
    isSerializable: isolation === 'serializable',
  };
}

/** What holds inside a flow that is called inside another: its own word first. */
export function inheritPolicy(own: ResultPolicy, outer: ResultPolicy): ResultPolicy {
  return { persist: own.persist ?? outer.persist, storage: own.storage ?? outer.storage, serializer: own.serializer ?? outer.serializer };
}

/** Who names a storage or a serializer wants it used. */
function impliedBy(policy: ResultPolicy): true | null {
  return policy.storage || policy.serializer ? true : null;
}
