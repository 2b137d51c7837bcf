/**
 * What an error of any origin means to a requester. The table for dependencies: a Postgres that is away, starting,
 * full or that gave up waiting is UNAVAILABLE (retry); what nobody foresaw is null: INTERNAL, and logged.
 */
import type { FieldIssue } from '@signalbox/proto';
import { z } from 'zod';
import { sqlState } from './db.ts';
import { AppError, invalidInput, unavailable } from './errors.ts';
import { showValue } from './show-value.ts';

/** The error as a requester may see it, or null when it is a fault of ours. */
export function classifyError(error: unknown, rawInput?: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (error instanceof z.ZodError) return invalidInput(issuesOf(error, rawInput));
  if (MISFIT_SQL_STATE.test(sqlState(error) ?? ''))
    return unavailable('This replica does not fit the schema of the database; the same request may work in a moment.', { cause: error });
  if (isDependencyAway(error))
    return unavailable('The database does not answer now; the same request may work in a moment.', { cause: error });
  return null;
}

/** Issues of a zod error: field, short value, expectation. Values of fields that may hold a secret are left out. */
export function issuesOf(error: z.ZodError, rawInput: unknown): FieldIssue[] {
  return error.issues.slice(0, 20).map((issue) => {
    const path = issue.path.map(String);
    const secret = path.some((part) => SECRET_FIELD.test(part));
    const value = valueAt(rawInput, path);
    return {
      field: path.join('.') || 'input',
      expected: expectationOf(issue),
      ...(secret ? {} : { received: showValue(value) }),
    };
  });
}

const SECRET_FIELD = /pass|secret|token|code|signature|authorization|jwt|seed/i;

function expectationOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return article(issue.expected);
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'too_small':
      return `at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'invalid_value':
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    default:
      return issue.message.replace(/^(Invalid input: )?expected /i, '');
  }
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' || origin === 'set' ? ' items' : '';
}

function article(type: string): string {
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}

function valueAt(input: unknown, path: readonly string[]): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** SQLSTATE classes and codes after which the same request may work: connection, restart, too many clients, retries used up, timeouts. */
const AWAY_SQL_STATE = /^(08...|57P0[1-5]|57014|53...|40001|40P01|55P03|25P0[34])$/;
/**
 * A table, column, function or type that is not there, or a prepared result whose columns changed: the schema is migrated under a replica
 * that is too old for it. A fault of no request: a report must not be set aside for it, and a newer replica can answer.
 */
const MISFIT_SQL_STATE = /^(42P01|42703|42883|42704|0A000)$/;
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  'P2034',
]);

function isDependencyAway(error: unknown): boolean {
  if (AWAY_SQL_STATE.test(sqlState(error) ?? '')) return true;
  for (let current = error, depth = 0; typeof current === 'object' && current !== null && depth < 5; depth++) {
    const { code, message, cause } = current as { code?: unknown; message?: unknown; cause?: unknown };
    if (typeof code === 'string' && AWAY_CODES.has(code)) return true;
    if (typeof message === 'string' && /timeout exceeded when trying to connect|Connection terminated|DatabaseNotReachable/.test(message))
      return true;
    current = cause;
  }
  return false;
}
