/**
 * What an author may throw (`NonRetryableError`, `RetryAfterError`) and what an author may catch (`CancelledError`,
 * `TimeoutError`, `TaskFailedError`, `ParameterError`, `LimitTimeoutError`, `UnknownLimitError`). Test with the guards, not with `instanceof`: they read a
 * brand, so two copies of this package still agree.
 */
import type { FieldIssue } from '@signalbox/proto';
import type { Duration } from './duration.ts';
import { formatMs, toMs } from './duration.ts';
import type { ChildRun } from './run-deployment.ts';

const KIND = Symbol.for('@signalbox/sdk.error');
type Kind =
  | 'child-run'
  | 'non-retryable'
  | 'retry-after'
  | 'cancelled'
  | 'timeout'
  | 'task-failed'
  | 'parameters'
  | 'transaction'
  | 'limit-timeout'
  | 'unknown-limit';

abstract class BrandedError extends Error {
  abstract readonly [KIND]: Kind;
}

function isKind(error: unknown, kind: Kind): boolean {
  return typeof error === 'object' && error !== null && (error as { [KIND]?: unknown })[KIND] === kind;
}

/** Throw it when trying again cannot help: retries of the task, and of the flow it ends, are skipped. */
export class NonRetryableError extends BrandedError {
  override readonly name = 'NonRetryableError';
  readonly [KIND] = 'non-retryable';
}

/** Throw it to choose when the next attempt begins, such as from a `Retry-After` header. It adds no attempt. */
export class RetryAfterError extends BrandedError {
  override readonly name = 'RetryAfterError';
  readonly [KIND] = 'retry-after';
  readonly retryAfterMs: number;
  constructor(message: string, options: { after: Duration; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.retryAfterMs = toMs(options.after, 'after');
  }
}

/** The run was cancelled. It is also the `reason` of the run's aborted signal. Let it pass, after cleaning up. */
export class CancelledError extends BrandedError {
  override readonly name = 'CancelledError';
  readonly [KIND] = 'cancelled';
  constructor(message = 'the run was cancelled', options?: ErrorOptions) {
    super(message, options);
  }
}

/** A flow or task was longer than its `timeout`. Also the `reason` of the aborted signal. */
export class TimeoutError extends BrandedError {
  override readonly name = 'TimeoutError';
  readonly [KIND] = 'timeout';
  readonly timeoutMs: number | null;
  constructor(message: string, options: { timeoutMs: number | null }) {
    super(message);
    this.timeoutMs = options.timeoutMs;
  }
}

/** A task, or a flow called inside a flow, failed after its last attempt. `cause` is what it threw. */
export class TaskFailedError extends BrandedError {
  override readonly name = 'TaskFailedError';
  readonly [KIND] = 'task-failed';
  readonly task: string;
  readonly attempts: number;
  constructor(message: string, options: { task: string; attempts: number; cause: unknown }) {
    super(message, { cause: options.cause });
    this.task = options.task;
    this.attempts = options.attempts;
  }
}

/** A run of another deployment ended otherwise than completed. `run` says how. */
export class ChildRunError extends BrandedError {
  override readonly name = 'ChildRunError';
  readonly [KIND] = 'child-run';
  readonly run: ChildRun;
  constructor(run: ChildRun) {
    const why = run.state.message ?? run.failure?.message;
    super(`run ${run.name} (${run.id}) ended as ${run.state.name}${why ? `: ${why}` : ''}`);
    this.run = run;
  }
}

/** Parameters do not fit the flow's schema. `issues` names each field, what was given and what was expected. */
export class ParameterError extends BrandedError {
  override readonly name = 'ParameterError';
  readonly [KIND] = 'parameters';
  readonly issues: readonly FieldIssue[];
  constructor(flow: string, issues: readonly FieldIssue[], what = `parameters of flow "${flow}"`) {
    super([`${what} do not fit`, ...issues.map(describeIssue)].join('\n  '));
    this.issues = issues;
  }
}

/** Slots of a limit did not become free within the `timeout` of `concurrency()` or `rateLimit()`. Nothing is held. */
export class LimitTimeoutError extends BrandedError {
  override readonly name = 'LimitTimeoutError';
  readonly [KIND] = 'limit-timeout';
  /** Names of the limits without room. */
  readonly limits: readonly string[];
  readonly timeoutMs: number;
  constructor(limits: readonly string[], timeoutMs: number) {
    const names = limits.map((name) => `"${name}"`).join(', ');
    super(`no room in limit ${names} ${timeoutMs === 0 ? 'now' : `within ${formatMs(timeoutMs)}`}`);
    this.limits = limits;
    this.timeoutMs = timeoutMs;
  }
}

/** With `strict`, a name that nobody made a limit of. */
export class UnknownLimitError extends BrandedError {
  override readonly name = 'UnknownLimitError';
  readonly [KIND] = 'unknown-limit';
  readonly limits: readonly string[];
  constructor(message: string, options: { limits: readonly string[]; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.limits = options.limits;
  }
}

function describeIssue(issue: FieldIssue): string {
  return `${issue.field} = ${issue.received ?? 'undefined'}: ${issue.expected}`;
}

/** A transaction could not be committed, and was rolled back; or what was committed under its key cannot be read. */
export class TransactionError extends BrandedError {
  override readonly name = 'TransactionError';
  readonly [KIND] = 'transaction';
}

/** Whether a value is a {@link TransactionError} of any copy of this package. */
export function isTransactionError(error: unknown): error is TransactionError {
  return isKind(error, 'transaction');
}

/** Whether a value is a {@link NonRetryableError} of any copy of this package. */
export function isNonRetryable(error: unknown): error is NonRetryableError {
  return isKind(error, 'non-retryable');
}

/** Whether a value is a {@link RetryAfterError} of any copy of this package. */
export function isRetryAfter(error: unknown): error is RetryAfterError {
  return isKind(error, 'retry-after');
}

/** Whether a value is a {@link CancelledError} of any copy of this package. */
export function isCancelled(error: unknown): error is CancelledError {
  return isKind(error, 'cancelled');
}

/** Whether a value is a {@link TimeoutError} of any copy of this package. */
export function isTimeout(error: unknown): error is TimeoutError {
  return isKind(error, 'timeout');
}

/** Whether a value is a {@link TaskFailedError} of any copy of this package. */
export function isTaskFailed(error: unknown): error is TaskFailedError {
  return isKind(error, 'task-failed');
}

/** Whether a value is a {@link ChildRunError} of any copy of this package. */
export function isChildRunError(error: unknown): error is ChildRunError {
  return isKind(error, 'child-run');
}

/** Whether a value is a {@link ParameterError} of any copy of this package. */
export function isParameterError(error: unknown): error is ParameterError {
  return isKind(error, 'parameters');
}

/** Whether a value is a {@link LimitTimeoutError} of any copy of this package. */
export function isLimitTimeout(error: unknown): error is LimitTimeoutError {
  return isKind(error, 'limit-timeout');
}

/** Whether a value is an {@link UnknownLimitError} of any copy of this package. */
export function isUnknownLimit(error: unknown): error is UnknownLimitError {
  return isKind(error, 'unknown-limit');
}
