/** The ways to call a task: inline, submitted, mapped, and outside any run. */
import { isCancelled, TaskFailedError } from '../errors.ts';
import { TaskFuture } from '../future.ts';
import type { TaskDefinition } from '../task-definition.ts';
import type { EngineContext } from './context.ts';
import type { Execution } from './execute-task.ts';
import { executeTaskRun } from './execute-task.ts';
import { describeError } from './failure.ts';
import { isIsolatedPlace } from './isolation/place.ts';
import type { limiter } from './limiter.ts';
import { contextOutsideRun } from './outside-run.ts';
import { executeKept } from './results/execute-kept.ts';
import { keepingOf } from './results/result-policy.ts';
import type { RunSession, TaskRunRecord } from './session.ts';
import { tryName } from './try-name.ts';
import { findUpstream, resolveArguments } from './upstream.ts';

type Turn = ReturnType<typeof limiter>;

export function callTask(ctx: EngineContext, task: TaskDefinition, args: readonly unknown[]): Promise<unknown> {
  return (ctx.scope ?? ctx.session).track(run(ctx, task, args, createRecord(ctx, task, args, null), null));
}

export function submitTask<R>(ctx: EngineContext, task: TaskDefinition, args: readonly unknown[]): TaskFuture<R> {
  const record = createRecord(ctx, task, args, null);
  return toFuture(ctx, record, run(ctx, task, args, record, null));
}

/** Creates one run of a map; what it gives back starts it. */
export function startTask<R>(
  ctx: EngineContext,
  task: TaskDefinition,
  args: readonly unknown[],
  mapped: { index: number; total: number },
  turn: Turn,
): () => TaskFuture<R> {
  const record = createRecord(ctx, task, args, mapped);
  return () => toFuture<R>(ctx, record, run(ctx, task, args, record, turn));
}

/** A task that was to be started for the items of a list that failed: one run says so. */
export function failBefore(ctx: EngineContext, task: TaskDefinition, error: unknown): unknown {
  return notReady(ctx.session, ctx.session.createTaskRun('task', task.name, ctx.task, null), error);
}

/** Retries and timeout apply; nobody is told, except that what is logged goes to the console. */
export function callOutsideRun(task: TaskDefinition, args: readonly unknown[]): Promise<unknown> {
  return callTask(contextOutsideRun(), task, args);
}

function createRecord(
  ctx: EngineContext,
  task: TaskDefinition,
  args: readonly unknown[],
  mapped: { index: number; total: number } | null,
): TaskRunRecord {
  if (!task.runName) return ctx.session.createTaskRun('task', task.name, ctx.task, mapped);
  const { name, problem } = tryName(task.runName, args);
  const record = ctx.session.createTaskRun('task', task.name, ctx.task, mapped, name);
  if (problem) ctx.session.log('warn', `${task.name}: ${problem}`, { task: record, system: true });
  return record;
}

function toFuture<R>(ctx: EngineContext, record: TaskRunRecord, promise: Promise<unknown>): TaskFuture<R> {
  // The future watches the promise itself: it must know of a failure before the flow that waits for its end does.
  const scope = ctx.scope ?? ctx.session;
  const future = new TaskFuture<R>(scope, record, promise as Promise<R>);
  scope.track(promise).catch(() => {});
  return future;
}

async function run(
  ctx: EngineContext,
  task: TaskDefinition,
  args: readonly unknown[],
  record: TaskRunRecord,
  turn: Turn | null,
): Promise<unknown> {
  const { session, signal } = ctx;
  const upstream = findUpstream(session, task.waitFor.length === 0 ? args : [...args, task.waitFor]);
  record.upstream = upstream.ordinals;
  let ready = args;
  if (upstream.futures.length > 0) {
    session.transition(record, 'PENDING', 'Pending');
    ready = await resolveArguments([...args, task.waitFor]).catch((error) => {
      throw notReady(session, record, error);
    });
    ready = ready.slice(0, args.length);
  }
  // Where stand-ins are, and where it is isolated already, it runs in place.
  const isolated = task.isolation && !session.doubles && !isIsolatedPlace() ? await import('./isolation/isolated-call.ts') : null;
  const keeping = keepingOf(session.resultDefaults, task.results, ctx.results);
  const execution: Execution<unknown> = {
    record,
    retry: task.retry,
    timeoutMs: task.timeoutMs,
    tags: ctx.tags ? [...new Set([...task.tags, ...ctx.tags])] : task.tags,
    innerTags: ctx.tags,
    transaction: ctx.transaction,
    scope: ctx.scope,
    hooks: task.hooks ?? undefined,
    states: task.states,
    signal,
    run: ctx.run,
    results: ctx.results,
    body: (inner) => {
      const call = () => (isolated ? isolated.callIsolated(inner, task, ready) : task.fn(...(ready as never[])));
      return session.doubles ? session.doubles.task(task, record, ready, call) : call();
    },
  };
  const onWait = () => session.transition(record, 'PENDING', 'Pending');
  const lineage = task.assets || session.hasAssets ? await openLineage(session, task, record, ready) : null;
  const executeHere = () => (lineage ? executed().finally(() => lineage.tell()) : executed());
  const executed = () => {
    if (!keeping) return executeTaskRun(session, execution);
    const { cache, name, fn } = task;
    return executeKept(session, execution, keeping, ready, cache && { ...cache, task: name, source: () => String(fn) });
  };
  const isolationTurn = isolated && task.isolation ? isolated.inIsolationTurn(task.isolation.kind) : null;
  const execute = isolationTurn ? () => isolationTurn(executeHere, onWait) : executeHere;
  // What a task calls goes with it: it could not end without them.
  const flowTurn = record.isInTask ? undefined : ctx.turn;
  const inFlow = flowTurn ? () => flowTurn(execute, onWait) : execute;
  return turn === null ? inFlow() : turn(inFlow, onWait);
}

async function openLineage(session: RunSession, task: TaskDefinition, record: TaskRunRecord, args: readonly unknown[]) {
  session.hasAssets = true;
  const { TaskLineage } = await import('./lineage.ts');
  return new TaskLineage(session, task, record, args);
}

function notReady(session: RunSession, record: TaskRunRecord, error: unknown): unknown {
  const message = `not started, because what it needs failed: ${describeError(error)}`;
  if (isCancelled(error)) {
    session.transition(record, 'CANCELLED', 'Cancelled', { message, ends: true });
    return error;
  }
  session.transition(record, 'PENDING', 'NotReady', { message, ends: true });
  return new TaskFailedError(`task "${record.name}" was ${message}`, { task: record.name, attempts: 0, cause: error });
}
