/**
 * The one error that services throw. Its `code` is of the contract's closed list, its `message` is safe to show;
 * each edge has one mapper (tRPC: platform/trpc.ts; HTTP: platform/http-errors.ts; agents: platform/bus.ts).
 */
import type { ErrorBody, ErrorCode, FieldIssue } from '@signalbox/proto';

type AppErrorOptions = {
  readonly issues?: readonly FieldIssue[];
  readonly details?: Readonly<Record<string, unknown>>;
  /** Milliseconds after which trying again makes sense. */
  readonly retryAfterMs?: number;
  /** Logged where the error is mapped, never sent. */
  readonly cause?: unknown;
};

/** An error whose message any requester may read. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly issues: readonly FieldIssue[] | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.issues = options.issues;
    this.details = options.details;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** HTTP status of each code: the contract's table, exhaustive by type. */
export const HTTP_STATUS = {
  INVALID_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  PRECONDITION_FAILED: 412,
  LIMIT_EXCEEDED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
} as const satisfies Record<ErrorCode, number>;

/** What a requester reads when the fault is ours. */
export const INTERNAL_MESSAGE = 'Something went wrong on our side. It was logged; the request id finds it.';

/** The wire form. Unknown errors become INTERNAL with a generic text: log them before calling this. */
export function toErrorBody(error: unknown, requestId?: string): ErrorBody {
  const known = error instanceof AppError ? error : new AppError('INTERNAL', INTERNAL_MESSAGE);
  return {
    code: known.code,
    message: withoutSecrets(known.message),
    ...(known.issues && known.issues.length > 0 ? { issues: known.issues.map(withoutReceivedSecret) } : {}),
    ...(known.details ? { details: cleaned(known.details) } : {}),
    ...(known.retryAfterMs === undefined ? {} : { retryAfterMs: Math.max(0, Math.ceil(known.retryAfterMs)) }),
    ...(requestId ? { requestId } : {}),
  };
}

/** A credential of ours in the wrong field is answered by its prefix: answers end up in logs and screenshots of others. */
export function withoutSecrets(text: string): string {
  return text.replace(/\b(sb[a-z])_[0-9A-Za-z]{8,}(\.[\w-]+)*/g, '$1_...');
}

function withoutReceivedSecret(issue: FieldIssue): FieldIssue {
  return issue.received === undefined ? issue : { ...issue, received: withoutSecrets(issue.received) };
}

function cleaned(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [name, typeof value === 'string' ? withoutSecrets(value) : value]),
  );
}

/** `notFound('run', 'run_01...')`: no such thing in this workspace, or it is another tenant's. */
export function notFound(kind: string, id: string, hint?: string): AppError {
  const details = { kind, id: shorten(id), ...(hint === undefined ? {} : { hint }) };
  return new AppError('NOT_FOUND', `No ${kind} "${shorten(id)}" in this workspace.`, { details });
}

/** Something wrong with the input, one issue a field; the message names the first. */
export function invalidInput(issues: readonly FieldIssue[]): AppError {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return new AppError('INVALID_INPUT', first ? `${describeIssue(first)}${more}` : 'The input is not valid.', { issues });
}

/** Somebody else was first, or the thing is in a state that does not allow this. */
export function conflict(message: string, details?: Record<string, unknown>): AppError {
  return new AppError('CONFLICT', message, details ? { details } : {});
}

/** The request is fine, and would work once something else is put right; the message says what. */
export function preconditionFailed(message: string, details?: Record<string, unknown>): AppError {
  return new AppError('PRECONDITION_FAILED', message, details ? { details } : {});
}

/** A bound was met. Without `retryAfterMs`, waiting does not help. */
export function limitExceeded(message: string, options: { retryAfterMs?: number; details?: Record<string, unknown> } = {}): AppError {
  return new AppError('LIMIT_EXCEEDED', message, options);
}

/** A part of ours does not answer now; the same request may work later. */
export function unavailable(message: string, options: { retryAfterMs?: number; cause?: unknown } = {}): AppError {
  return new AppError('UNAVAILABLE', message, { retryAfterMs: 1_000, ...options });
}

/** Nobody is signed in, or the credential is no good. */
export function unauthenticated(message = 'Sign in, or send an API key as "Authorization: Bearer sbk_...".'): AppError {
  return new AppError('UNAUTHENTICATED', message);
}

/** Signed in, yet the role does not allow it. Never used for another tenant's things: those are not found. */
export function forbidden(message: string, details?: Record<string, unknown>): AppError {
  return new AppError('FORBIDDEN', message, details ? { details } : {});
}

/** `parameters.years: expected array, got "2012"`. */
export function describeIssue(issue: FieldIssue): string {
  const got = issue.received === undefined ? '' : `, got ${issue.received}`;
  return `${issue.field}: expected ${issue.expected}${got}`;
}

/** At most `max` characters of a text, for messages. */
export function shorten(text: string, max = 100): string {
  return text.length > max ? `${text.slice(0, max)}...` : text;
}
