import type { ResultPolicy, TaskCache } from './engine/results/result-policy.ts';
import type { TaskHooks } from './engine/transactions/task-participant.ts';
import type { RetryPolicy } from './retry.ts';
import type { StateHooks } from './state-hooks.ts';

/** @internal A checked task. */
export interface TaskDefinition {
  readonly name: string;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number | null;
  readonly tags: readonly string[];
  readonly runName: ((...args: never[]) => string) | null;
  readonly results: ResultPolicy;
  readonly cache: TaskCache | null;
  readonly maxConcurrency: number | null;
  readonly hooks: TaskHooks | null;
  readonly states: StateHooks | null;
  readonly waitFor: readonly unknown[];
  readonly fn: (...args: never[]) => unknown;
}
