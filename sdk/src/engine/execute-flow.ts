/** Runs a flow's function once: its parameters, its outstanding task runs, its outcome. */

import { formatMs } from '../duration.ts';
import { CancelledError, isTimeout, TimeoutError } from '../errors.ts';
import type { FlowDefinition } from '../flow-definition.ts';
import { checkParameters } from '../parameters.ts';
import { retryDelayMs, wantsRetry } from '../retry.ts';
import { returnedState } from '../returned-state.ts';
import { toRunContext } from '../run-context.ts';
import type { RunInfo } from '../run-info.ts';
import type { RunNamer } from '../run-name.ts';
import { callHooks, type HookName, type StateEvent } from '../state-hooks.ts';
import type { Calls } from './calls.ts';
import type { Clock } from './clock.ts';
import type { EngineContext } from './context.ts';
import { withContext } from './context.ts';
import type { Execution } from './execute-task.ts';
import { executeTaskRun } from './execute-task.ts';
import { describeError, toFailure } from './failure.ts';
import { FlowScope } from './flow-scope.ts';
import type { Holds } from './holds.ts';
import { limiter } from './limiter.ts';
import type { Reporter, RunOutcome } from './reporter.ts';
import { executeKept } from './results/execute-kept.ts';
import type { RunResultDefaults } from './results/result-policy.ts';
import { inheritPolicy, keepingOf } from './results/result-policy.ts';
import { ReturnedFailure, takeFutures, takeState } from './returned-failure.ts';
import { RunSession } from './session.ts';
import { closeSlots } from './slots.ts';
import { parseTraceparent } from './telemetry/trace-context.ts';
import { openTracer, type Span, type Tracer } from './telemetry/tracer.ts';
import { tryName } from './try-name.ts';

/** How long task runs that outlive their failed flow may clean up. */
const LEFTOVER_GRACE_MS = 5_000;

export interface RootExecution {
  readonly definition: FlowDefinition;
  /** Its parameters as given: they are checked, and defaults filled in, here. */
  readonly run: RunInfo;
  readonly reporter: Reporter;
  readonly calls: Calls;
  /** Aborted with a CancelledError or a TimeoutError. */
  readonly signal: AbortSignal;
  /** Null when somebody else watches the time: the agent's supervisor. */
  readonly timeoutMs: number | null;
  /** Code that was told to stop is left behind after so long. Null: never, somebody else will kill the process. */
  readonly giveUpMs: number | null;
  /** What holds for results where neither task nor flow says. */
  readonly results: RunResultDefaults;
  readonly holds?: Holds;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Trace context of what made the run. */
  readonly traceparent?: string | undefined;
  readonly onSession?: (session: RunSession) => void;
}

/** What came of the flow's `runName`. */
interface NamedExecution extends RootExecution {
  readonly runName?: string;
  readonly nameProblem?: string | undefined;
}

/** Runs one attempt of a run. Never throws: what happened is the outcome, which the reporter is not told here. */
export async function executeRun(given: RootExecution): Promise<RunOutcome> {
  const root = given.definition.runName ? await named(given, given.definition.runName) : given;
  const { states, retry } = root.definition;
  if (!states) return executeAttempt(root);
  const tell = (hook: HookName, state: StateEvent['state'], what: Pick<StateEvent, 'error' | 'result'> = {}) =>
    tellRun(root, hook, state, what);
  await tell('onRunning', { type: 'RUNNING', name: 'Running' });
  const outcome = await executeAttempt(root);
  const { state: type, name, message, error, result } = outcome;
  const state = { type, name, ...(message === undefined ? {} : { message }) };
  if (type === 'COMPLETED') await tell('onCompletion', state, { result });
  if (type === 'CANCELLED') await tell('onCancellation', state, { error });
  const isLast = outcome.failure?.retryable === false || root.run.attempt > retry.retries;
  if (type === 'FAILED' && isLast) await tell('onFailure', state, { error });
  return outcome;
}

/** The run under the name that its flow gives it; parameters that do not fit are the run's failure, told when it is called. */
async function named(root: RootExecution, namer: RunNamer): Promise<NamedExecution> {
  const { definition, run } = root;
  try {
    const parameters = await checkParameters(definition.name, definition.parameters, run.parameters);
    const { name, problem } = tryName(namer, [parameters]);
    return name === undefined ? { ...root, nameProblem: problem } : { ...root, run: { ...run, name }, runName: name };
  } catch {
    return root;
  }
}

/** Calls the hooks of a run. Never throws. */
export async function tellRun(
  { definition, run }: Pick<RootExecution, 'definition' | 'run'>,
  hook: HookName,
  state: StateEvent['state'],
  what: Pick<StateEvent, 'error' | 'result'>,
): Promise<void> {
  const event = { kind: 'flow' as const, name: definition.name, state, run, task: null, ...what };
  await callHooks(definition.states?.[hook], event, (error) =>
    console.error(`flow "${definition.name}": its ${hook} hook failed: ${describeError(error)}`),
  );
}

async function executeAttempt(root: NamedExecution): Promise<RunOutcome> {
  const { definition, run, reporter, calls } = root;
  const session = new RunSession(run, reporter, calls, root.results, root.holds, root.clock);
  const opening = openTracer();
  const tracer = opening && (await opening.catch(() => null));
  const span = startRunSpan(root, session, tracer);
  root.onSession?.(session);
  const release = linkSignals(root, session);
  reporter.started(run, root.runName);
  if (root.nameProblem) session.log('warn', root.nameProblem, { task: null, system: true });
  const ctx: EngineContext = { session, run, task: null, signal: session.signal, results: definition.results };
  try {
    const call = () => callFlow(definition, ctx, run.parameters);
    const returned = await orGiveUp(span ? span.run(call) : call(), session, root.giveUpMs);
    if (session.signal.aborted) throw session.signal.reason;
    if (returnedState(returned)?.type === 'CANCELLED') {
      span?.end({ 'signalbox.state': 'Cancelled' });
      return stopped(new CancelledError(returnedState(returned)?.message));
    }
    const { result, stateName, message } = takeState(returned);
    span?.end({ 'signalbox.state': stateName });
    return { state: 'COMPLETED', name: stateName, message, result };
  } catch (error) {
    const outcome = session.signal.aborted ? stopped(session.signal.reason) : failedAttempt(root, error);
    span?.end({ 'signalbox.state': outcome.name }, outcome.error);
    await stopLeftovers(session, error);
    return outcome;
  } finally {
    release();
    closeSlots(session);
    await session.close();
    await tracer?.flush();
  }
}

function startRunSpan({ definition, run, traceparent }: RootExecution, session: RunSession, tracer: Tracer | null): Span | null {
  session.tracer = tracer;
  const parent = parseTraceparent(traceparent);
  const span = tracer?.start(`run ${definition.name}`, parent, {
    'signalbox.run.id': run.id,
    'signalbox.run.name': run.name,
    'signalbox.run.attempt': run.attempt,
    'signalbox.flow': run.flow,
    ...(run.deployment === null ? {} : { 'signalbox.deployment': run.deployment }),
  });
  session.traceContext = span?.context ?? parent;
  return span ?? null;
}

/** Calls a flow inside a run: a task run of kind `flow`, with the flow's own retries and timeout. */
export function executeSubflow(definition: FlowDefinition, parent: EngineContext, given: unknown): Promise<unknown> {
  const { session } = parent;
  const { name } = definition.runName ? tryName(definition.runName, [given]) : {};
  const record = session.createTaskRun('flow', definition.name, parent.task, null, name);
  const execution: Execution<unknown> = {
    record,
    retry: definition.retry,
    timeoutMs: definition.timeoutMs,
    states: definition.states,
    tags: [],
    innerTags: parent.tags,
    transaction: parent.transaction,
    scope: parent.scope,
    signal: parent.signal,
    run: { ...parent.run, flow: definition.name },
    results: inheritPolicy(definition.results, parent.results),
    body: async (ctx) => {
      if (record.attempt > 1) await session.beginAgain(record);
      return callSubflow(definition, ctx, given);
    },
  };
  const keeping = keepingOf(session.resultDefaults, definition.results, parent.results);
  return (parent.scope ?? session).track(
    keeping ? executeKept(session, execution, keeping, [given], null) : executeTaskRun(session, execution),
  );
}

/** Ends after the task runs that it started; they are told to stop when it fails. */
async function callSubflow(definition: FlowDefinition, outer: EngineContext, given: unknown): Promise<unknown> {
  const scope = new FlowScope(outer.session, outer.signal);
  try {
    const result = await callFlow(definition, { ...outer, signal: scope.signal, scope }, given);
    await scope.settle();
    return result;
  } catch (error) {
    await scope.fail(new CancelledError(`its flow ended: ${describeError(error)}`), LEFTOVER_GRACE_MS);
    throw error;
  }
}

async function callFlow(definition: FlowDefinition, outer: EngineContext, given: unknown): Promise<unknown> {
  const parameters = await checkParameters(definition.name, definition.parameters, given);
  const { maxConcurrency } = definition;
  const ctx: EngineContext = {
    ...outer,
    run: { ...outer.run, parameters: parameters as RunInfo['parameters'] },
    ...(maxConcurrency === null ? {} : { turn: limiter(maxConcurrency) }),
  };
  const returned = await withContext(ctx, () => definition.fn(parameters as never, toRunContext(ctx)));
  const result = await takeFutures(returned);
  if (ctx.task === null) await ctx.session.settle();
  return result;
}

function linkSignals({ definition, signal, timeoutMs }: RootExecution, session: RunSession): () => void {
  const onAbort = () => session.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  let cancel = () => {};
  if (timeoutMs !== null) {
    const error = new TimeoutError(`flow "${definition.name}" took longer than its timeout of ${formatMs(timeoutMs)}`, { timeoutMs });
    cancel = session.clock.after(timeoutMs, () => session.abort(error), 'guard');
  }
  return () => {
    cancel();
    signal.removeEventListener('abort', onAbort);
  };
}

/** The promise, or the signal's reason `giveUpMs` after it was aborted. */
async function orGiveUp<R>(promise: Promise<R>, { signal, clock }: RunSession, giveUpMs: number | null): Promise<R> {
  if (giveUpMs === null) return promise;
  const { promise: gaveUp, reject } = Promise.withResolvers<never>();
  let cancel = () => {};
  const onAbort = () => {
    cancel = clock.after(giveUpMs, () => reject(signal.reason), 'guard');
  };
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, gaveUp]);
  } finally {
    cancel();
    signal.removeEventListener('abort', onAbort);
  }
}

/** How a run ends that was told to stop. */
export function stopped(reason: unknown): RunOutcome {
  const failure = toFailure(reason);
  const how = isTimeout(reason) ? ({ state: 'FAILED', name: 'TimedOut' } as const) : ({ state: 'CANCELLED', name: 'Cancelled' } as const);
  return { ...how, message: failure.message, failure, error: reason };
}

/** A failed attempt, with the author's word on whether another may follow. */
export function failedAttempt({ definition, run }: { definition: FlowDefinition; run: { attempt: number } }, error: unknown): RunOutcome {
  const outcome = failed(error);
  const { delay, retries } = definition.retry;
  // A function does not travel: what it says goes with the failure.
  if (delay && outcome.failure?.retryable && outcome.failure.retryAfterMs === undefined && run.attempt <= retries) {
    outcome.failure.retryAfterMs = retryDelayMs(definition.retry, run.attempt, Math.random(), error);
  }
  if (!outcome.failure?.retryable || wantsRetry(definition.retry, error, run.attempt)) return outcome;
  return { ...outcome, failure: { ...outcome.failure, retryable: false } };
}

/** A task's own timeout that nobody caught fails the flow; `TimedOut` is kept for the flow's limit. */
export function failed(error: unknown): RunOutcome {
  const failure = toFailure(error);
  return { state: 'FAILED', name: error instanceof ReturnedFailure ? error.stateName : 'Failed', message: failure.message, failure, error };
}

async function stopLeftovers(session: RunSession, error: unknown): Promise<void> {
  session.abort(new CancelledError(`its flow ended: ${describeError(error)}`));
  if (session.outstanding.size > 0) {
    const { promise: waited, resolve } = Promise.withResolvers<void>();
    const cancel = session.clock.after(LEFTOVER_GRACE_MS, resolve, 'guard');
    await Promise.race([Promise.allSettled(session.outstanding), waited]);
    cancel();
  }
  session.closeUnfinished('its flow ended before it did');
}
