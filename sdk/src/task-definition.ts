import type { AssetRef } from './asset.ts';
import type { ResultPolicy, TaskCache } from './engine/results/result-policy.ts';
import type { TaskHooks } from './engine/transactions/task-participant.ts';
import type { RetryPolicy } from './retry.ts';
import type { RunNamer } from './run-name.ts';
import type { StateHooks } from './state-hooks.ts';

/** @internal In what a task runs, and where that finds it. */
export interface IsolatedTask {
  readonly kind: 'thread' | 'process';
  /** Address of the file that declares it, null when there is none. */
  readonly file: () => string | null;
  /** Its name there: `with` may have given it another. */
  readonly exportedAs: string;
}

/** @internal A checked task. */
export interface TaskDefinition {
  readonly name: string;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number | null;
  readonly tags: readonly string[];
  readonly runName: RunNamer | null;
  readonly results: ResultPolicy;
  readonly cache: TaskCache | null;
  readonly maxConcurrency: number | null;
  readonly hooks: TaskHooks | null;
  readonly states: StateHooks | null;
  /** Null: it makes none, and names none that it reads. */
  readonly assets: {
    readonly assets?: readonly AssetRef[] | ((...args: never[]) => readonly AssetRef[]);
    readonly assetDeps?: readonly AssetRef[];
  } | null;
  readonly waitFor: readonly unknown[];
  /** Null: it runs in the flow's own thread. */
  readonly isolation: IsolatedTask | null;
  readonly fn: (...args: never[]) => unknown;
}
