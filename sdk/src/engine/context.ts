/**
 * Which run the calling code is in. The store hangs on `globalThis` under a registered symbol, so that two copies of
 * this package in one process (the agent's and the author's) still see the same run.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { RunInfo } from '../run-info.ts';
import type { FlowScope } from './flow-scope.ts';
import type { limiter } from './limiter.ts';
import type { ResultPolicy } from './results/result-policy.ts';
import type { RunSession, TaskRunRecord } from './session.ts';
import type { LiveTransaction } from './transactions/live-transaction.ts';

export interface EngineContext {
  readonly session: RunSession;
  /** As user code sees it: inside a sub-flow its `flow` and `parameters` are the sub-flow's. */
  readonly run: RunInfo;
  readonly task: TaskRunRecord | null;
  readonly signal: AbortSignal;
  /** What the enclosing flow says of results. */
  readonly results: ResultPolicy;
  /** Tags of the scope around it, for the task runs it starts. */
  readonly tags?: readonly string[];
  /** At most so many tasks of the flow at once. */
  readonly turn?: ReturnType<typeof limiter>;
  /** The sub-flow around it. */
  readonly scope?: FlowScope;
  /** The transaction around it. */
  readonly transaction?: LiveTransaction;
}

const STORE = Symbol.for('@signalbox/sdk.context.1');
const globals = globalThis as { [STORE]?: AsyncLocalStorage<EngineContext> };
globals[STORE] ??= new AsyncLocalStorage<EngineContext>();
const store = globals[STORE];

export function findEngineContext(): EngineContext | undefined {
  return store.getStore();
}

/** Calls `body` inside a context; everything it starts inherits it. */
export function withContext<R>(ctx: EngineContext, body: () => R): R {
  return store.run(ctx, body);
}
