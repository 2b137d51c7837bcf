/** Where a walk through the feed has come to, and the days behind it, ever more at once: what was not found soon is seldom. */
import type { Sql } from '../../platform/sql.ts';
import type { EventFilter } from './filter.ts';
import type { Rest } from './tally.ts';

const DAY_MS = 86_400_000;
/** Days that an installation may keep. */
const MOST_DAYS = 400;

export type Place = { readonly position: number; readonly day: string };

/** The last of so many, and its day; null: there are not so many. By the index of the feed. */
export async function walkedTo(
  sql: Sql,
  asked: {
    table: 'event' | 'event_block';
    column: 'position' | 'last_position';
    workspaceId: string;
    from: number | null;
    forward: boolean;
    count: number;
  },
): Promise<Place | null> {
  const { table, column, workspaceId, from, forward, count } = asked;
  const [place] = await sql.query<{ position: string; day: string }>(
    `SELECT ${column}::text AS position, day::text AS day FROM ${table} WHERE workspace_id = $1::uuid
        ${from === null ? '' : `AND ${column} ${forward ? '>' : '<'} ${from}`} ORDER BY ${table}.${column} ${forward ? 'ASC' : 'DESC'} OFFSET ${count - 1} LIMIT 1`,
    [workspaceId],
  );
  return place ? { position: Number(place.position), day: place.day } : null;
}

/** From this day on, backward or forward: one day, then two, then four, within what the filter asks and what there may be. */
export function* daySpans(
  from: string,
  forward: boolean,
  filter: Pick<EventFilter, 'from' | 'to'>,
): Generator<{ first: string; last: string }> {
  const start = Date.parse(from);
  const oldest = Math.max(Date.now() - MOST_DAYS * DAY_MS, filter.from ? dayOf(Date.parse(filter.from)) : 0);
  const newest = Math.min(dayOf(Date.now()) + DAY_MS, filter.to ? Date.parse(filter.to) : Number.POSITIVE_INFINITY);
  for (let at = start, days = 1; forward ? at <= newest : at >= oldest; days *= 2) {
    const end = at + (forward ? 1 : -1) * (days - 1) * DAY_MS;
    const [first, last] = forward ? [at, end] : [end, at];
    yield { first: dateOf(first), last: dateOf(last) };
    at = end + (forward ? DAY_MS : -DAY_MS);
  }
}

const dayOf = (at: number) => at - (at % DAY_MS);
const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** The filter for a piece of its time. */
export function within(filter: EventFilter, { from, to }: Pick<Rest, 'from' | 'to'>): EventFilter {
  const { from: _from, to: _to, ...rest } = filter;
  return {
    ...rest,
    ...(Number.isFinite(from) ? { from: new Date(from).toISOString() } : {}),
    ...(Number.isFinite(to) ? { to: new Date(to).toISOString() } : {}),
  };
}
