/** Running another deployment: from a flow as its child, from any other program as a client of the control plane. */
import type { RunFailure, RunId, RunState } from '@signalbox/proto';
import type { DeploymentDefinition } from './deployment.ts';
import type { Duration } from './duration.ts';
import { toMs } from './duration.ts';
import type { EngineContext } from './engine/context.ts';
import { findEngineContext } from './engine/context.ts';
import { executeTaskRun } from './engine/execute-task.ts';
import { ChildRunError } from './errors.ts';
import type { RetryPolicy } from './retry.ts';
import { findRunContext } from './run-context.ts';

export interface RunDeploymentOptions {
  /** Merged over the deployment's own, and checked against its schema. Default: none. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Name of the run. Default: two random words. */
  readonly name?: string;
  readonly tags?: readonly string[];
  /** When it shall start. Default: now. */
  readonly dueAt?: Date | string;
  /** Queue of the deployment's work pool. Default: the deployment's own. */
  readonly queue?: string;
  /** False: comes back as soon as the run is made. Default true: when it has ended. */
  readonly wait?: boolean;
  /** Longest wait; then `TimeoutError`, and the run goes on. Default: as long as it takes. */
  readonly timeout?: Duration;
  /**
   * One run of the deployment a key, whoever asks. Default inside a flow: one a step, so that the flow's next attempt finds
   * the run that an earlier one made, unless that run failed.
   */
  readonly idempotencyKey?: string;
  /**
   * What becomes of it when the flow that started it ends without having completed: `cancel` it too, or `leave` it.
   * Default: `cancel` when it is waited for, else `leave`. Outside a flow it has no parent.
   */
  readonly onParentEnd?: 'cancel' | 'leave';
  /** False: a run that ended otherwise than completed is given back like any, instead of a `ChildRunError`. Default true. */
  readonly throwOnFailure?: boolean;
}

/** A run of another deployment, as it stood when it came back. */
export interface ChildRun<R = unknown> {
  readonly id: RunId;
  readonly name: string;
  readonly state: RunState;
  /** What its flow returned; undefined while it has not completed, and for results too large to be kept (64 KB). */
  readonly result: R | undefined;
  readonly failure: RunFailure | null;
}

const NO_RETRY: RetryPolicy = { retries: 0, delaysMs: [0], jitter: 0, when: null };

/**
 * Runs a deployment, `flow/name` or what `flow.deployment()` gave, and waits for its end.
 *
 * In a flow the run is its child: shown with it, ended with it, found again by its next attempt. While the flow does
 * nothing but wait, its slots are free for others, the child among them. Elsewhere `SIGNALBOX_URL` and
 * `SIGNALBOX_API_KEY` say whom to ask.
 * @example const { result } = await runDeployment<number>('etl/load', { parameters: { day: '2026-01-31' } });
 * @throws ChildRunError when it did not complete (in a flow: TaskFailedError with that as its cause), TimeoutError after
 *   `timeout`, SignalboxError when the control plane refuses it.
 */
export async function runDeployment<R = unknown>(
  deployment: string | DeploymentDefinition,
  options: RunDeploymentOptions = {},
): Promise<ChildRun<R>> {
  const ref = typeof deployment === 'string' ? deployment : `${deployment.flow.name}/${deployment.options.name}`;
  const timeoutMs = options.timeout === undefined ? null : toMs(options.timeout, `runDeployment("${ref}"): timeout`);
  const ctx = findEngineContext();
  const run = ctx ? await asTaskRun(ctx, ref, options, timeoutMs) : await asClient(ref, options, { timeoutMs });
  return run as ChildRun<R>;
}

function asTaskRun(parent: EngineContext, ref: string, options: RunDeploymentOptions, timeoutMs: number | null): Promise<ChildRun> {
  const { session } = parent;
  const execution = executeTaskRun(session, {
    record: session.createTaskRun('flow', ref, parent.task, null),
    retry: NO_RETRY,
    timeoutMs,
    tags: [],
    signal: parent.signal,
    run: parent.run,
    results: parent.results,
    body: async (ctx) => {
      if (session.doubles && ctx.task) return orThrow(await session.doubles.deployment(ref, options, ctx.task), options);
      // A run without an agent has nobody who asks for it.
      if (session.run.deployment === null) return asClient(ref, options, { timeoutMs: null, signal: ctx.signal });
      const { childRunsOf } = await import('./engine/child-runs.ts');
      return orThrow(await childRunsOf(session).run(ctx, ref, options), options);
    },
  });
  return (parent.scope ?? session).track(execution);
}

async function asClient(
  ref: string,
  options: RunDeploymentOptions,
  { timeoutMs, signal }: { timeoutMs: number | null; signal?: AbortSignal },
): Promise<ChildRun> {
  const { connect } = await import('./deploy.ts');
  const traceparent = findRunContext()?.traceparent;
  const client = await connect({}, traceparent ? { traceparent } : {});
  const { parameters = {}, name, tags = [], dueAt, queue, idempotencyKey, wait = true } = options;
  const input = {
    deployment: ref,
    parameters: { ...parameters },
    tags: [...tags],
    ...(name === undefined ? {} : { name }),
    ...(dueAt === undefined ? {} : { dueAt: instantOf(dueAt) }),
    ...(queue === undefined ? {} : { queue }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
  const made = await client.runs.create.mutate(input, signal ? { signal } : {});
  if (!wait) return { id: made.id, name: made.name, state: made.state, result: undefined, failure: null };
  const limits = { ...(timeoutMs === null ? {} : { timeoutMs }), ...(signal ? { signal } : {}) };
  const ended = await client.waitForRun(made.id, limits);
  const { id, state, failure, result } = ended;
  return orThrow({ id, name: ended.name, state, failure, result: result?.body }, options);
}

/** @throws ChildRunError for a run that ended otherwise than completed, unless told not to. */
function orThrow(run: ChildRun, { wait = true, throwOnFailure = true }: RunDeploymentOptions): ChildRun {
  if (!wait || !throwOnFailure || run.state.type === 'COMPLETED') return run;
  throw new ChildRunError(run);
}

/** @internal The wire form. @throws RangeError when it is no instant. */
export function instantOf(dueAt: Date | string): string {
  const instant = new Date(dueAt);
  if (Number.isNaN(instant.getTime())) throw new RangeError(`dueAt: expected a Date or an ISO 8601 instant, got ${String(dueAt)}`);
  return instant.toISOString();
}
