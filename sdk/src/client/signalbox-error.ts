import type { ErrorBody, ErrorCode, FieldIssue } from '@signalbox/proto';

const BRAND = Symbol.for('@signalbox/sdk.client-error');

/**
 * What every call of the client rejects with, whether the control plane refused, could not be reached, or took
 * too long. Branch on `code`, never on `message`.
 *
 * `UNAVAILABLE` covers all that may pass by itself: no connection, a time limit, an overloaded server.
 *
 * @example
 * try { await client.runs.get.query({ run }); }
 * catch (error) { if (isSignalboxError(error) && error.code === 'NOT_FOUND') return null; throw error; }
 */
export class SignalboxError extends Error {
  override readonly name = 'SignalboxError';
  readonly [BRAND] = true;
  readonly code: ErrorCode;
  /** What is wrong with the input, field by field; empty when nothing is. */
  readonly issues: readonly FieldIssue[];
  readonly details: Readonly<Record<string, unknown>>;
  /** Milliseconds after which trying again makes sense; null: it will not help, or at once. */
  readonly retryAfterMs: number | null;
  /** Names the request in the control plane's log; null when none reached it. */
  readonly requestId: string | null;

  constructor(body: ErrorBody, options?: ErrorOptions) {
    super(body.message, options);
    this.code = body.code;
    this.issues = body.issues ?? [];
    this.details = body.details ?? {};
    this.retryAfterMs = body.retryAfterMs ?? null;
    this.requestId = body.requestId ?? null;
  }
}

/** Whether a value is a {@link SignalboxError} of any copy of this package; with `code`, of that code. */
export function isSignalboxError(error: unknown, code?: ErrorCode): error is SignalboxError {
  if (typeof error !== 'object' || error === null || (error as { [BRAND]?: unknown })[BRAND] !== true) return false;
  return code === undefined || (error as SignalboxError).code === code;
}
