/** Runs one task run (or a flow inside a flow) to its end: attempts, pauses, timeout, cancellation. */

import type { TAG_LIMIT_PREFIX as Prefix } from '@signalbox/proto';
import { formatMs } from '../duration.ts';
import { CancelledError, isCancelled, isTimeout, TaskFailedError, TimeoutError } from '../errors.ts';
import type { RetryPolicy } from '../retry.ts';
import { retryDelayMs, wantsRetry } from '../retry.ts';
import type { RunInfo } from '../run-info.ts';
import { abortableDelay } from '../sleep.ts';
import { callHooks, type HookName, type StateHooks } from '../state-hooks.ts';
import type { Clock } from './clock.ts';
import type { EngineContext } from './context.ts';
import { withContext } from './context.ts';
import { describeError, isRetryable, retryAfterMs, toFailure } from './failure.ts';
import type { FlowScope } from './flow-scope.ts';
import type { ResultPolicy } from './results/result-policy.ts';
import { ReturnedFailure, takeState } from './returned-failure.ts';
import type { RunSession, TaskRunRecord } from './session.ts';
import { type HeldSlots, takeSlots } from './slots.ts';
import type { Span, Tracer } from './telemetry/tracer.ts';
import type { LiveTransaction } from './transactions/live-transaction.ts';
import type { TaskHooks } from './transactions/task-participant.ts';

/** The contract's, not imported: a cold start pays for every module. */
const TAG_LIMIT_PREFIX: typeof Prefix = 'tag:';
/** Code that was told to stop may still clean up for so long before we go on without it. */
const ABORT_GRACE_MS = 1_000;

/** What is executed, and by which rules. */
export interface Execution<R> {
  readonly record: TaskRunRecord;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number | null;
  /** Each attempt holds a slot of the limit `tag:<tag>` of each, where there is one. */
  readonly tags: readonly string[];
  /** The signal of what encloses it: the run's, or that of the task run it is nested in. */
  readonly signal: AbortSignal;
  readonly run: RunInfo;
  /** What the enclosing flow says of results. */
  readonly results: ResultPolicy;
  /** Tags of the scope it was called in, which hold for what it starts. */
  readonly innerTags?: readonly string[];
  /** The sub-flow it was called in. */
  readonly scope?: FlowScope;
  /** The transaction it was called in. */
  readonly transaction?: LiveTransaction;
  readonly hooks?: TaskHooks;
  /** Told when it enters a state. */
  readonly states?: StateHooks | null;
  readonly body: (ctx: EngineContext) => R | PromiseLike<R>;
  /** Called with the result, before it is told as Completed. Never throws. */
  readonly onResult?: (result: unknown) => Promise<KeptResult | undefined>;
}

/** The result of a task run. @throws TaskFailedError, TimeoutError, or what aborted the enclosing signal. */
export function executeTaskRun<R>(session: RunSession, execution: Execution<R>): Promise<R> {
  return session.tracer ? executeTraced(session, session.tracer, execution) : executeAttempts(session, execution);
}

/** Of a task run, under what called it. */
export function startSpan(session: RunSession, tracer: Tracer, { kind, name, key, parentSpan }: TaskRunRecord): Span {
  return tracer.start(`${kind} ${name}`, parentSpan, { 'signalbox.run.id': session.run.id, 'signalbox.task.key': key });
}

/** One span for all attempts. */
async function executeTraced<R>(session: RunSession, tracer: Tracer, execution: Execution<R>): Promise<R> {
  const { record } = execution;
  const span = startSpan(session, tracer, record);
  record.span = span;
  const end = (error?: unknown) => span.end({ 'signalbox.state': record.stateName, 'signalbox.attempts': record.attempt }, error);
  try {
    const result = await executeAttempts(session, execution);
    end();
    return result;
  } catch (error) {
    end(error);
    throw error;
  }
}

async function executeAttempts<R>(session: RunSession, execution: Execution<R>): Promise<R> {
  const { record, signal } = execution;
  for (;;) {
    if (signal.aborted) {
      const reason = cancelled(session, record, signal);
      await tell(session, execution, 'onCancellation', { error: reason });
      throw reason;
    }
    try {
      const { result, stateName, message } = takeState(await attemptInTurn(session, execution));
      session.remember(result, record);
      const kept = execution.onResult ? await execution.onResult(result) : undefined;
      session.transition(record, 'COMPLETED', stateName, { message, ends: true });
      if (execution.hooks || kept || execution.transaction) await joinTransaction(session, execution, result, kept);
      if (execution.states) await tell(session, execution, 'onCompletion', { result });
      return result;
    } catch (error) {
      if (signal.aborted || isCancelled(error)) {
        const reason = cancelled(session, record, signal, error);
        if (execution.states) await tell(session, execution, 'onCancellation', { error: reason });
        throw reason;
      }
      const delayMs = pauseBeforeRetry(execution, error);
      if (delayMs === null) {
        const failure = failed(session, record, error);
        if (execution.states) await tell(session, execution, 'onFailure', { error });
        throw failure;
      }
      await pause(session, execution, error, delayMs);
    }
  }
}

async function tell(
  session: RunSession,
  { states, record, run }: Pick<Execution<unknown>, 'states' | 'record' | 'run'>,
  hook: HookName,
  what: { error?: unknown; result?: unknown },
): Promise<void> {
  const { ordinal, name, key, attempt, state, stateName, kind } = record;
  const task = { ordinal, name, key, attempt };
  const event = { kind, name, run, task, state: { type: state, name: stateName }, ...what };
  await callHooks(states?.[hook], event, (error) =>
    session.log('error', `${name}: its ${hook} hook failed: ${describeError(error)}`, { task: record, system: true }),
  );
}

/** A task of the flow itself waits while the run stands still; see holds.ts. */
async function attemptInTurn<R>(session: RunSession, execution: Execution<R>): Promise<R> {
  const { record, signal } = execution;
  const { holds } = session;
  if (record.kind === 'flow' || record.isInTask) return attemptWithSlots(session, execution);
  for (let gate = holds.gate(session.calls, signal); gate !== null; gate = holds.gate(session.calls, signal)) await gate;
  holds.begun();
  try {
    return await attemptWithSlots(session, execution);
  } finally {
    holds.ended();
  }
}

/** Slots are held from the attempt's start to its end: not while it waits for the next one, and not counted in its timeout. */
async function attemptWithSlots<R>(session: RunSession, execution: Execution<R>): Promise<R> {
  const slots = execution.tags.length > 0 ? await takeTagSlots(session, execution) : null;
  try {
    const { record } = execution;
    const mayBegin = session.beforeTask?.();
    if (mayBegin) await mayBegin;
    session.transition(record, 'RUNNING', record.attempt === 1 ? 'Running' : 'Retrying');
    if (execution.states) await tell(session, execution, 'onRunning', {});
    return await attemptOnce(session, execution);
  } finally {
    slots?.release();
  }
}

function takeTagSlots<R>(session: RunSession, { record, tags, signal }: Execution<R>): Promise<HeldSlots> {
  return takeSlots(
    { session, task: record, signal },
    {
      limits: tags.map((tag) => `${TAG_LIMIT_PREFIX}${tag}`),
      slots: 1,
      strict: false,
      rateOnly: false,
      timeoutMs: null,
      warns: false,
      onWait: (full) => {
        const names = full.map((name) => `"${name}"`).join(', ');
        session.transition(record, 'PENDING', 'AwaitingConcurrencySlot', { message: `waits for a slot of limit ${names}` });
      },
    },
  );
}

async function attemptOnce<R>(
  session: RunSession,
  { record, timeoutMs, signal, run, results, innerTags, scope, transaction, body }: Execution<R>,
): Promise<R> {
  const call = (own: AbortSignal): R | PromiseLike<R> => {
    const ctx: EngineContext = { session, run, task: record, signal: own, results, tags: innerTags, scope, transaction };
    const { span } = record;
    return withContext(ctx, span ? () => span.run(() => body(ctx)) : () => body(ctx));
  };
  return timeoutMs === null ? call(signal) : withTimeout(session.clock, timeoutMs, signal, record.name, call);
}

/** Calls `body` with a signal that also aborts after `timeoutMs`; gives up on it a second after that. */
async function withTimeout<R>(
  clock: Clock,
  timeoutMs: number,
  outer: AbortSignal,
  name: string,
  body: (signal: AbortSignal) => R | PromiseLike<R>,
): Promise<R> {
  const controller = new AbortController();
  const onOuterAbort = () => controller.abort(outer.reason);
  outer.addEventListener('abort', onOuterAbort, { once: true });
  const { promise: gaveUp, reject: giveUp } = Promise.withResolvers<never>();
  gaveUp.catch(() => {});
  let cancelGrace = () => {};
  const cancelTimeout = clock.after(
    timeoutMs,
    () => {
      const error = new TimeoutError(`"${name}" took longer than its timeout of ${formatMs(timeoutMs)}`, { timeoutMs });
      controller.abort(error);
      cancelGrace = clock.after(ABORT_GRACE_MS, () => giveUp(error), 'guard');
    },
    'guard',
  );
  try {
    const result = await Promise.race([body(controller.signal), gaveUp]);
    // Late is late, even when the code came back: the caller was promised a bound.
    if (controller.signal.aborted) throw controller.signal.reason;
    return result;
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    cancelTimeout();
    cancelGrace();
    outer.removeEventListener('abort', onOuterAbort);
  }
}

/** What was kept of a result: how it counts for others, and how it is taken back. */
export interface KeptResult {
  readonly publish?: () => Promise<unknown>;
  readonly revoke: () => Promise<unknown>;
}

/** What is committed or undone of a completed task run, with the transaction around it; without one it is committed now. */
export async function joinTransaction(
  session: RunSession,
  { record, transaction, hooks }: Execution<unknown>,
  result: unknown,
  kept: KeptResult | undefined,
): Promise<void> {
  if (!transaction && !hooks?.onCommit) {
    await kept?.publish?.();
    return;
  }
  const [{ taskParticipant }, { LiveTransaction: Live }] = await Promise.all([
    import('./transactions/task-participant.ts'),
    import('./transactions/live-transaction.ts'),
  ]);
  const participant = taskParticipant({ session, record, hooks: hooks ?? NO_HOOKS, result, ...kept });
  if (transaction) await transaction.join(participant);
  else {
    try {
      await participant.commit(new Live(null, null, () => {}));
    } catch (error) {
      session.log('error', `${record.name}: its onCommit hook failed: ${describeError(error)}`, { task: record, system: true });
    }
  }
}

const NO_HOOKS: TaskHooks = { onCommit: null, onRollback: null };

/** Milliseconds until the next attempt, or null when there is none. */
function pauseBeforeRetry({ record, retry }: Execution<unknown>, error: unknown): number | null {
  if (record.attempt > retry.retries || !isRetryable(error)) return null;
  if (!wantsRetry(retry, error, record.attempt)) return null;
  return retryAfterMs(error) ?? retryDelayMs(retry, record.attempt, Math.random(), error);
}

async function pause(session: RunSession, { record, retry, signal }: Execution<unknown>, error: unknown, delayMs: number): Promise<void> {
  const message = `attempt ${record.attempt} of ${retry.retries + 1} failed: ${describeError(error)}`;
  session.log('warn', `${message}; the next begins in ${formatMs(delayMs)}`, { task: record, system: true });
  session.transition(record, 'SCHEDULED', 'AwaitingRetry', { message, failure: toFailure(error) });
  await abortableDelay(delayMs, signal, session.clock).catch(() => {});
  record.attempt++;
}

function failed(session: RunSession, record: TaskRunRecord, error: unknown): Error {
  const message = describeError(error);
  const stateName = isTimeout(error) ? 'TimedOut' : error instanceof ReturnedFailure ? error.stateName : 'Failed';
  session.transition(record, 'FAILED', stateName, { message, failure: toFailure(error), ends: true });
  if (isTimeout(error)) return error;
  const attempts = record.attempt === 1 ? '' : ` after ${record.attempt} attempts`;
  return new TaskFailedError(`${record.kind} "${record.name}" failed${attempts}: ${message}`, {
    task: record.name,
    attempts: record.attempt,
    cause: error,
  });
}

function cancelled(session: RunSession, record: TaskRunRecord, signal: AbortSignal, error?: unknown): unknown {
  const reason: unknown = signal.aborted ? signal.reason : error;
  session.transition(record, 'CANCELLED', 'Cancelled', { message: describeError(reason), ends: true });
  return reason ?? new CancelledError();
}
