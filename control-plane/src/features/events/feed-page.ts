/** Pages of the feed: of rows and blocks together, in one order. */
import type { Event } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';
import { blockTable } from './block-store.ts';
import { rowTable } from './feed-rows.ts';
import { daysAt, mergeWalks, type Walk, type Way, walkTable } from './feed-walk.ts';
import type { EventFilter } from './filter.ts';
import { namesOf, placeOf } from './tally.ts';

/** Rows and blocks that are looked through at a time for what no index finds, and how often. */
type Effort = { readonly rows: number; readonly blocks: number; readonly times: number };
const EFFORT: Effort = { rows: 1_000, blocks: 200, times: 5 };
/** Names stand beside a block, which need not be opened to pass it over. */
const EFFORT_OF_NAMES: Effort = { rows: 1_000, blocks: 200, times: 8 };
/** A text is looked for in every event. */
const EFFORT_OF_TEXT: Effort = { rows: 500, blocks: 100, times: 4 };
/** For those who do not go on from where it ended: some seconds. */
const PATIENT_TIMES = 100;

function effortOf({ text, about, names }: EventFilter): Effort {
  if (text !== undefined) return EFFORT_OF_TEXT;
  return about === undefined && names !== undefined ? EFFORT_OF_NAMES : EFFORT;
}

type PageOf = {
  readonly cursor: number | null;
  /** Oldest first after this one; null: newest first. */
  readonly after: number | null;
  readonly limit: number;
};
/** `searched`: fewer were found than wanted, and before (or behind) this position nobody has looked yet. */
type FeedPage = { readonly events: Event[]; readonly searched: number | null };

const NONE: FeedPage = { events: [], searched: null };

/** What it costs is bounded by the page: it ends early where too much would have to be looked through for it. */
export async function readPage(
  sql: Sql,
  workspaceId: string,
  filter: EventFilter,
  page: PageOf,
  { rows, blocks, times }: Effort = effortOf(filter),
): Promise<FeedPage> {
  const forward = page.after !== null;
  const from = forward ? Math.max(page.after ?? 0, page.cursor ?? 0) : page.cursor;
  const [days, names, place] = await Promise.all([
    daysAt(sql, from),
    namesOf(sql, workspaceId, filter),
    // Positions grow with time: those of the range are known, so that nothing beyond them is read.
    placeOf(sql, workspaceId, filter),
  ]);
  if (names?.length === 0 || place === null) return NONE;
  if (from !== null && (forward ? from > place.last : from <= place.first)) return NONE;
  const begin = forward ? Math.max(from ?? 0, place.first - 1) : Math.min(from ?? Number.POSITIVE_INFINITY, place.last + 1);
  const dayIn = (instant: string | undefined, otherwise: string) =>
    instant === undefined ? otherwise : new Date(instant).toISOString().slice(0, 10);
  const [oldest, newest] = [later(dayIn(filter.from, days.oldest), days.oldest), earlier(dayIn(filter.to, days.newest), days.newest)];
  const way: Way = {
    workspaceId,
    filter,
    names,
    forward,
    from: Number.isFinite(begin) ? begin : null,
    ...place,
    limit: page.limit,
    days: forward ? { begin: later(days.day ?? oldest, oldest), end: newest } : { begin: earlier(days.day ?? newest, newest), end: oldest },
    times,
  };
  const blocksToo = await blockTable(sql, way, blocks);
  const walks: Walk[] = [walkTable(rowTable(sql, way, rows), way)];
  if (blocksToo) walks.push(walkTable(blocksToo, way));
  // In the order of an index they are read until there are enough: to gather all first and sort them would read the whole range.
  await setting(sql, 'off');
  const found = await mergeWalks(walks, way);
  await setting(sql, 'on');
  return found;
}

const setting = (sql: Sql, gathers: 'on' | 'off') => sql.query(`SELECT set_config('enable_bitmapscan', '${gathers}', true)`);

const later = (one: string, other: string) => (one > other ? one : other);
const earlier = (one: string, other: string) => (one < other ? one : other);

/** All of a page, unless it is very far to search. */
export async function readEvents(sql: Sql, workspaceId: string, filter: EventFilter, page: PageOf, effort?: Effort): Promise<Event[]> {
  return (await readPagePatiently(sql, workspaceId, filter, page, effort)).events;
}

export function readPagePatiently(
  sql: Sql,
  workspaceId: string,
  filter: EventFilter,
  page: PageOf,
  effort = effortOf(filter),
): Promise<FeedPage> {
  return readPage(sql, workspaceId, filter, page, { ...effort, times: PATIENT_TIMES });
}

/** When what lies at a position was received, or what comes next; null: nothing does. */
export async function receivedAt(sql: Sql, workspaceId: string, position: number): Promise<string | null> {
  const { events } = await readPage(sql, workspaceId, {}, { cursor: null, after: position - 1, limit: 1 });
  return events[0]?.receivedAt ?? null;
}
