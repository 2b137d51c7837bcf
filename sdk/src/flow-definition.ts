/** What a declared flow is to the engine, apart from how it is declared. */
import type { ResultPolicy } from './engine/results/result-policy.ts';
import type { RetryPolicy } from './retry.ts';
import type { RunContext } from './run-context.ts';
import type { RunNamer } from './run-name.ts';
import type { JsonSchema, StandardSchema } from './standard-schema.ts';
import type { StateHooks } from './state-hooks.ts';

/** Key under which a flow keeps its definition; registered, so that copies of this package know each other's flows. */
export const FLOW = Symbol.for('@signalbox/sdk.flow');

/** @internal A checked flow. */
export interface FlowDefinition {
  readonly name: string;
  readonly description: string;
  readonly parameters: StandardSchema | null;
  readonly jsonSchema: JsonSchema | null;
  readonly retry: RetryPolicy;
  readonly runName: RunNamer | null;
  readonly timeoutMs: number | null;
  readonly results: ResultPolicy;
  readonly states: StateHooks | null;
  /** Most tasks of it at once; null: no limit. */
  readonly maxConcurrency: number | null;
  readonly fn: (parameters: never, ctx: RunContext) => unknown;
}

/** Any flow, whatever it takes and gives. */
export interface AnyFlow {
  readonly name: string;
  readonly [FLOW]: FlowDefinition;
}

/** Whether a value is a flow of any copy of this package. */
export function isFlow(value: unknown): value is AnyFlow {
  return typeof value === 'function' && FLOW in value;
}
