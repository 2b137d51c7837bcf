/** The list of runs, in any of its orders, keyset paged: a cursor names the last run shown, never a position. */
import { toId, uuidTimeMs } from '@signalbox/proto';
import type { listRunsInput, RunSort, RunSummary } from '@signalbox/proto/api';
import type { z } from 'zod';
import { invalidInput, limitExceeded, shorten } from '../../platform/errors.ts';
import { cursorUuid, type Page } from '../../platform/pagination.ts';
import type { Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { unstorableAt } from '../../platform/storable.ts';
import {
  durationOf,
  IN_ORDER,
  idBoundsOf,
  matching,
  type ResolvedFilter,
  resolveFilter,
  SCAN_BUDGET_MS,
  type Side,
  scanBack,
  statement,
  VALUE,
  withinMs,
} from './filter/index.ts';
import { filterOfList } from './filter-of-list.ts';
import { SUMMARY_COLUMNS, SUMMARY_JOINS, type SummaryRow, showSummary } from './read-summaries.ts';

type Input = z.output<typeof listRunsInput>;
type RunPage = Page<RunSummary> & { lookedBackTo?: string };

export async function listRuns(ctx: Ctx, input: Input): Promise<RunPage> {
  const resolved = await resolveFilter(sqlOfTx(ctx.tx), ctx.workspace.id, filterOfList(input));
  switch (input.sort) {
    case 'newest':
      return newest(ctx, input, resolved);
    case 'oldest':
      return oldest(ctx, input, resolved);
    default:
      return sorted(ctx, input, resolved, input.sort);
  }
}

/** In windows backwards; a page cut short by time says how far it looked. */
async function newest(ctx: Ctx, input: Input, resolved: ResolvedFilter): Promise<RunPage> {
  const sql = sqlOfTx(ctx.tx);
  await sql.query(IN_ORDER);
  const { rows, lookedTo } = await scanBack<SummaryRow>(sql, idBoundsOf(resolved, cursorUuid('run', input.cursor)), {
    enough: input.limit + 1,
    nowMs: Date.now(),
    window: (bounds, missing) => byId(ctx, resolved, bounds, missing, 'DESC'),
  });
  const page = cut(rows, input.limit, (row) => toId('run', row.id));
  if (lookedTo === null || page.nextCursor !== null) return page;
  return { ...page, nextCursor: toId('run', lookedTo), lookedBackTo: new Date(uuidTimeMs(lookedTo)).toISOString() };
}

async function oldest(ctx: Ctx, input: Input, resolved: ResolvedFilter): Promise<RunPage> {
  const sql = sqlOfTx(ctx.tx);
  await sql.query(IN_ORDER);
  const { from, below } = idBoundsOf(resolved);
  const after = cursorUuid('run', input.cursor);
  // The id after the cursor's: bounds begin with their first.
  const start = after === null ? from : [from ?? '', next(after)].sort().at(-1);
  const rows = await withinMs<SummaryRow>(sql, SCAN_BUDGET_MS, byId(ctx, resolved, { from: start, below }, input.limit + 1, 'ASC'));
  if (rows === null) throw tooMuch();
  return cut(rows, input.limit, (row) => toId('run', row.id));
}

function byId(
  ctx: Ctx,
  resolved: ResolvedFilter,
  bounds: { from?: string | undefined; below?: string | undefined },
  limit: number,
  way: 'ASC' | 'DESC',
) {
  return statement((bind) => {
    const most = bind(limit);
    const page = matching({ workspaceId: ctx.workspace.id, resolved, bounds, bind }, () => 'r.*', {
      tail: (id) => `ORDER BY ${id} ${way} LIMIT ${most}`,
    });
    return `SELECT ${SUMMARY_COLUMNS} FROM (${page}) r ${SUMMARY_JOINS} ORDER BY r.id ${way} LIMIT ${most}`;
  });
}

/** Texts, so that a cursor can carry any key; `way` orders keys and ids alike. */
const KEYS = {
  due: { key: (side: Side) => microseconds(VALUE.due[side]), type: 'bigint', way: 'ASC', past: '>' },
  // A run that never started has no length, and comes last.
  longest: {
    key: (side: Side) => `coalesce((extract(epoch FROM ${durationOf(side)}) * 1000000)::bigint, -1)`,
    type: 'bigint',
    way: 'DESC',
    past: '<',
  },
  name: { key: () => `r.name COLLATE "C"`, type: 'text', way: 'ASC', past: '>' },
} as const satisfies Record<
  Exclude<RunSort, 'newest' | 'oldest'>,
  { key: (side: Side) => string; type: string; way: string; past: string }
>;

function microseconds(at: string): string {
  return `(extract(epoch FROM ${at}) * 1000000)::bigint`;
}

/**
 * No index has these orders, since each would be paid for by every run: all that fits is read and the best of a page
 * kept (a heap of `limit`), within the budget of time. Live states alone, and bounds of creation, are quick.
 */
async function sorted(ctx: Ctx, input: Input, resolved: ResolvedFilter, sort: keyof typeof KEYS): Promise<RunPage> {
  const { key, type, way, past } = KEYS[sort];
  const after = input.cursor === undefined ? null : readKey(sort, input.cursor);
  const query = statement((bind) => {
    const limit = bind(input.limit + 1);
    const page = matching(
      { workspaceId: ctx.workspace.id, resolved, bounds: idBoundsOf(resolved), bind },
      (side) => `r.*, ${key(side)} AS sort_key`,
      { withLive: sort !== 'name' },
    );
    const cursor = after === null ? '' : `WHERE (r.sort_key, r.id) ${past} (${bind(after.key)}::${type}, ${bind(after.id)}::uuid)`;
    const order = `ORDER BY r.sort_key ${way}, r.id ${way}`;
    return `SELECT ${SUMMARY_COLUMNS}, r.sort_key::text AS sort_key FROM (SELECT * FROM (${page}) r ${cursor} ${order} LIMIT ${limit}) r ${SUMMARY_JOINS} ${order}`;
  });
  const rows = await withinMs<SummaryRow & { sort_key: string }>(sqlOfTx(ctx.tx), SCAN_BUDGET_MS, query);
  if (rows === null) throw tooMuch();
  return cut(rows, input.limit, (row) => writeKey(sort, row.sort_key, row.id));
}

function cut<Row extends SummaryRow>(rows: readonly Row[], limit: number, cursorOf: (row: Row) => string): RunPage {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(showSummary), nextCursor: rows.length > limit && last ? cursorOf(last) : null };
}

function writeKey(sort: RunSort, key: string, id: string): string {
  return Buffer.from(JSON.stringify([sort, key, id])).toString('base64url');
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function readKey(sort: keyof typeof KEYS, cursor: string): { key: string; id: string } {
  const [of, key, id] = parts(cursor);
  const isWhole = (KEYS[sort].type === 'text' && unstorableAt(key) === null) || (typeof key === 'string' && /^-?\d{1,18}$/.test(key));
  if (of === sort && typeof key === 'string' && isWhole && typeof id === 'string' && UUID.test(id)) return { key, id };
  throw invalidInput([
    { field: 'cursor', expected: 'the nextCursor of the page before, in the same order', received: shorten(JSON.stringify(cursor)) },
  ]);
}

function parts(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** The one after the last is itself: nothing is made under it. */
function next(uuid: string): string {
  const number = BigInt(`0x${uuid.replaceAll('-', '')}`);
  const hex = (number === (1n << 128n) - 1n ? number : number + 1n).toString(16).padStart(32, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function tooMuch() {
  return limitExceeded('These filters read too much history. Narrow them: by time, flow or deployment.');
}
