/**
 * Reads history backwards within a budget of time. A filter that nothing fits would otherwise read all there is: newest
 * days first, in windows that grow, so that a page touches the leaves it needs; when the time is over, what was found so
 * far is a page, and its cursor is how far we looked.
 */
import { uuidTimeMs } from '@signalbox/proto';
import { sqlState } from '../../../platform/db.ts';
import { limitExceeded } from '../../../platform/errors.ts';
import type { Sql } from '../../../platform/sql.ts';
import type { Bind } from './conditions.ts';
import type { ResolvedFilter } from './resolve-refs.ts';
import type { IdBounds } from './statement.ts';

/** What a list may take, and each of its statements. */
export const SCAN_BUDGET_MS = 5_000;
const DAY_MS = 86_400_000;
/** Days of each window; the last goes to the beginning. */
const WINDOW_DAYS = [2, 6, 24, Number.POSITIVE_INFINITY];
const GAVE_UP = '57014';

/** A statement with its values. */
export type Statement = { readonly text: string; readonly values: readonly unknown[] };

export function statement(build: (bind: Bind) => string): Statement {
  const values: unknown[] = [];
  return { text: build((value) => `$${values.push(value)}`), values };
}

/**
 * For this transaction: plans that read an index in its order and stop. Without statistics (a leaf of today) Postgres
 * would collect a deployment's whole day and sort it.
 */
export const IN_ORDER = `SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true),
  set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`;

/** The least UUIDv7 of an instant. */
export function floorOf(at: string | number): string {
  const ms = typeof at === 'number' ? at : Date.parse(at);
  const hex = Math.max(0, ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** Bounds of ids that a filter's instants imply: what ended or started before an instant was created before it. */
export function idBoundsOf({ filter }: ResolvedFilter, below?: string | null): IdBounds {
  const ceilings = [filter.created?.before, filter.started?.before, filter.ended?.before]
    .filter((at) => at !== undefined)
    .map(floorOf)
    .concat(below ? [below] : [])
    .sort();
  const from = filter.created?.after === undefined ? undefined : floorOf(filter.created.after);
  return { from, below: ceilings[0] };
}

/** Runs a statement with a limit of time; null when the time was over. The transaction lives on. */
export async function withinMs<Row>(sql: Sql, ms: number, { text, values }: Statement): Promise<Row[] | null> {
  await sql.query('SAVEPOINT timed');
  try {
    await sql.query(`SELECT set_config('statement_timeout', $1, true)`, [String(Math.max(1, Math.round(ms)))]);
    const rows = await sql.query<Row>(text, values);
    await sql.query('RELEASE SAVEPOINT timed');
    return rows;
  } catch (error) {
    if (sqlState(error) !== GAVE_UP) throw error;
    await sql.query('ROLLBACK TO SAVEPOINT timed');
    return null;
  }
}

export type Scanned<Row> = {
  readonly rows: readonly Row[];
  /** Id below which nothing was looked at, when the time was over before the end; else null. */
  readonly lookedTo: string | null;
};

/**
 * Windows of `bounds` from the newest down, until there are `enough` or the time is over.
 * @throws LIMIT_EXCEEDED when not even a small window can be read in time.
 */
export async function scanBack<Row>(
  sql: Sql,
  bounds: IdBounds,
  spec: {
    readonly window: (bounds: IdBounds, missing: number) => Statement;
    readonly enough: number;
    /** How many a row stands for; default: one. */
    readonly amount?: (row: Row) => number;
    readonly nowMs: number;
    readonly budgetMs?: number;
  },
): Promise<Scanned<Row>> {
  const budgetMs = spec.budgetMs ?? SCAN_BUDGET_MS;
  const until = performance.now() + budgetMs;
  const rows: Row[] = [];
  let got = 0;
  // Days are made ahead, and hold nothing yet; a day to spare for clocks that differ.
  const newest = bounds.below ?? floorOf(Math.floor(spec.nowMs + DAY_MS));
  let below = newest;
  let narrowing = 1;
  for (let turn = 0; got < spec.enough; ) {
    const from = windowFloor(below, spec.nowMs, (WINDOW_DAYS[turn] ?? Number.POSITIVE_INFINITY) / narrowing, bounds.from);
    // A part of the budget, so that something is left for a smaller window.
    const left = Math.min(until - performance.now(), budgetMs * 0.6);
    const found = left > 0 ? await withinMs<Row>(sql, left, spec.window({ from, below }, spec.enough - got)) : null;
    if (found === null) {
      if (below !== newest) return { rows, lookedTo: below };
      // Not even the first window: a smaller one, once.
      if (narrowing > 1) throw limitExceeded('These filters read too much history. Narrow them: by time, flow or deployment.');
      narrowing = 48;
      continue;
    }
    rows.push(...found);
    got = spec.amount ? rows.reduce((sum, row) => sum + (spec.amount?.(row) ?? 0), 0) : rows.length;
    if (from === bounds.from) break;
    below = from ?? below;
    // A small window that could be read is a page; its cursor goes on.
    if (narrowing > 1 && got < spec.enough) return { rows, lookedTo: below };
    turn++;
  }
  return { rows, lookedTo: null };
}

function windowFloor(below: string, nowMs: number, days: number, floor: string | undefined): string | undefined {
  if (!Number.isFinite(days)) return floor;
  const topMs = Math.min(nowMs, uuidTimeMs(below));
  const from = floorOf(Math.floor(topMs - days * DAY_MS));
  return floor !== undefined && from < floor ? floor : from;
}
