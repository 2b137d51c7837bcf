/** The run that the calling code is in: who it is, its logger, and the signal that ends it. */
import type { EngineContext } from './engine/context.ts';
import { findEngineContext } from './engine/context.ts';
import type { Logger } from './logger.ts';
import { loggerOf } from './logger.ts';

/** The run, the same in all its tasks. */
export interface RunInfo {
  /** `run_...`; of a run without a server `local_...`. */
  readonly id: string;
  readonly name: string;
  /** Number of the claim. At most one epoch of a run counts at any time, and it only goes up. */
  readonly epoch: number;
  /** The epoch as text: give it to systems that can refuse a writer older than the last they saw. */
  readonly fencingToken: string;
  /** 1 for the first attempt of the run. */
  readonly attempt: number;
  readonly flow: string;
  /** Null when it runs without a deployment. */
  readonly deployment: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
}

/** The task run that the calling code is in. */
export interface TaskRunInfo {
  /** Number inside the run, from 1 in order of creation. */
  readonly ordinal: number;
  readonly name: string;
  /** Where in the flow it is called: `load#1`, the second of a mapped task `figures#2`, nested `outer#1/inner#1`. */
  readonly key: string;
  readonly attempt: number;
}

export interface RunContext {
  readonly run: RunInfo;
  /** Null in the flow's own code. */
  readonly task: TaskRunInfo | null;
  /** Bound to this context, also in callbacks that run outside of it. */
  readonly logger: Logger;
  /** Aborted when the run is cancelled or times out, and when the task run times out. Pass it to what waits. */
  readonly signal: AbortSignal;
  /**
   * The same in every attempt of this task run (retries of the task and of the run), and in no other task run. It
   * stays the same as long as the flow calls its tasks in the same order.
   */
  readonly idempotencyKey: string;
}

/** The context of the calling code, or null outside any run. */
export function findRunContext(): RunContext | null {
  const ctx = findEngineContext();
  return ctx ? toRunContext(ctx) : null;
}

/** The context of the calling code. @throws Error outside any run. */
export function runContext(): RunContext {
  const ctx = findRunContext();
  if (!ctx) throw new Error('runContext() was called outside of a run: call it in a flow or a task');
  return ctx;
}

/** @internal The public face of an engine context. */
export function toRunContext(ctx: EngineContext): RunContext {
  const { task, session } = ctx;
  return {
    run: ctx.run,
    task: task && { ordinal: task.ordinal, name: task.name, key: task.key, attempt: task.attempt },
    logger: loggerOf(ctx),
    signal: ctx.signal,
    idempotencyKey: task ? `${session.run.id}/${task.key}` : session.run.id,
  };
}
