/**
 * The two shapes that every client reads, checked by hand: loading the schemas of the whole contract would triple the
 * start of a small program, and weigh on pages. What is not of the expected shape is null.
 */
import type { ErrorBody, ErrorCode, FieldIssue } from '@signalbox/proto';
import type { LiveEvent } from '@signalbox/proto/api';

const CODES: Record<ErrorCode, true> = {
  INVALID_INPUT: true,
  UNAUTHENTICATED: true,
  FORBIDDEN: true,
  NOT_FOUND: true,
  CONFLICT: true,
  PRECONDITION_FAILED: true,
  LIMIT_EXCEEDED: true,
  UNAVAILABLE: true,
  INTERNAL: true,
};

export function parseErrorBody(value: unknown): ErrorBody | null {
  if (!isObject(value)) return null;
  const { code, message, issues, details, retryAfterMs, requestId } = value;
  if (typeof code !== 'string' || !Object.hasOwn(CODES, code) || typeof message !== 'string') return null;
  return {
    code: code as ErrorCode,
    message,
    issues: Array.isArray(issues) ? issues.filter(isIssue) : undefined,
    details: isObject(details) ? details : undefined,
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined,
    requestId: typeof requestId === 'string' ? requestId : undefined,
  };
}

export function parseLiveEvent(text: string): LiveEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isObject(value) && typeof value.kind === 'string' && typeof value.id === 'string' ? (value as LiveEvent) : null;
}

function isIssue(value: unknown): value is FieldIssue {
  return isObject(value) && typeof value.field === 'string' && typeof value.expected === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
