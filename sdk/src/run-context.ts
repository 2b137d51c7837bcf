/** The run that the calling code is in: who it is, its logger, and the signal that ends it. */
import type { EngineContext } from './engine/context.ts';
import { findEngineContext } from './engine/context.ts';
import type { Logger } from './logger.ts';
import { loggerOf } from './logger.ts';
import type { RunInfo, TaskRunInfo } from './run-info.ts';

export type { RunInfo, TaskRunInfo } from './run-info.ts';

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
  /** W3C trace context to send along with requests, where the run is traced or its maker was; else null. */
  readonly traceparent: string | null;
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
    traceparent: session.traceparent(task),
  };
}
