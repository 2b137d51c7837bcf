/**
 * The feed: appended to the inbox, read by (workspace, position). An event is a row of `event`, save changes of state of runs, which lie
 * in blocks; what is read here is both, in one order.
 */
import type { Event } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';
import { positionOf } from './block.ts';
import { countChanges, readChanges, readChangesOf } from './block-store.ts';
import type { ForeignEventName, OwnEventName } from './catalogue.ts';
import { daySpans, walkedTo, within } from './days.ts';
import { type EventFilter, likePatterns } from './filter.ts';
import { countTally, type How, namesOf, placeOf, type Rest } from './tally.ts';

export type AppendedEvent = {
  readonly workspaceId: string;
  readonly id: string;
  readonly name: OwnEventName | ForeignEventName;
  /** The run that tells it: related, with all that the run belongs to. */
  readonly runId?: string | undefined;
  /** Default: the run. */
  readonly resource?: Readonly<Record<string, string>> | undefined;
  readonly related?: readonly Readonly<Record<string, string>>[] | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly occurredAt?: string | undefined;
  readonly follows?: string | undefined;
};

/** In the caller's transaction: they are in the feed if it commits, and only then. */
export async function appendEvents(sql: Sql, events: readonly AppendedEvent[]): Promise<void> {
  if (events.length === 0) return;
  await sql.query(
    `INSERT INTO event_inbox (workspace_id, occurred_at, name, run_id, resource, related, payload, id, follows)
     SELECT workspace_id, coalesce(occurred_at, clock_timestamp()), name, run_id, resource, related, payload, id, follows
       FROM jsonb_to_recordset($1::jsonb) AS e (workspace_id uuid, occurred_at timestamptz, name text, run_id uuid, resource jsonb,
         related jsonb, payload jsonb, id uuid, follows uuid)`,
    [
      JSON.stringify(
        events.map(({ workspaceId, runId, occurredAt, ...event }) => ({
          ...event,
          workspace_id: workspaceId,
          run_id: runId,
          occurred_at: occurredAt,
        })),
      ),
    ],
  );
}

type Row = Omit<Event, 'position' | 'occurredAt' | 'receivedAt'> & { position: string; occurredAt: Date; receivedAt: Date };
const EVENT_COLUMNS = `position::text AS position, id::text AS id, name, occurred_at AS "occurredAt", received_at AS "receivedAt", resource, related, payload, follows::text AS follows`;

function showEvent(row: Row): Event {
  return { ...row, position: Number(row.position), occurredAt: row.occurredAt.toISOString(), receivedAt: row.receivedAt.toISOString() };
}

/** Newest first before a position, or oldest first after one: both walk event_feed, or event_of_resource where one is named. */
export async function readEvents(
  sql: Sql,
  workspaceId: string,
  filter: EventFilter,
  page: { cursor: number | null; after: number | null; limit: number; walked?: Walked },
): Promise<Event[]> {
  const forward = page.after !== null;
  const from = forward ? Math.max(page.after ?? 0, page.cursor ?? 0) : page.cursor;
  // Names that nothing has need no look; of the others each is found by its index.
  const names = await namesOf(sql, workspaceId, filter);
  if (names?.length === 0) return [];
  // Positions grow with time: those of the range are known, so that nothing beyond them is read.
  const place = await placeOf(sql, workspaceId, filter);
  if (place === null) return [];
  if (forward ? from !== null && from > place.last : from !== null && from < place.first) return [];
  const begin = forward
    ? Math.max(from ?? 0, place.first - 1)
    : place.last === Number.POSITIVE_INFINITY
      ? from
      : Math.min(from ?? place.last + 1, place.last + 1);
  const span = { from: begin, forward, limit: page.limit, walked: page.walked ?? WALKED };
  const rows = await readRows(sql, workspaceId, filter, names, span);
  const changes = await readChanges(sql, workspaceId, filter, names, span);
  const order = forward ? 1 : -1;
  return [...rows.map(showEvent), ...changes].sort((a, b) => order * (a.position - b.position)).slice(0, page.limit);
}

type Span = { readonly from: number | null; readonly forward: boolean; readonly limit: number; readonly walked: Walked };

/** Of a thing, the newest are walked through first: it may be in most of them. What is seldom is then found by its index, day after day. */
async function readRows(
  sql: Sql,
  workspaceId: string,
  filter: EventFilter,
  names: string[] | null,
  { from, forward, limit, walked: most }: Span,
): Promise<Row[]> {
  const { text, values } = conditions(workspaceId, filter, names);
  const bound = (position: number | null) => (position === null ? '' : ` AND event.position ${forward ? '>' : '<'} ${position}`);
  const order = `ORDER BY event.position ${forward ? 'ASC' : 'DESC'}`;
  if (filter.about === undefined)
    return sql.query(`SELECT ${EVENT_COLUMNS} FROM event WHERE ${text}${bound(from)} ${order} LIMIT ${limit}`, values);
  const walked = await walkedTo(sql, { table: 'event', column: 'position', workspaceId, from, forward, count: most.rows });
  const near = walked ? ` AND event.position ${forward ? '<=' : '>='} ${walked.position}` : '';
  const rows = await sql.query<Row>(
    `SELECT ${EVENT_COLUMNS} FROM event WHERE ${text}${bound(from)}${near} ${order} LIMIT ${limit}`,
    values,
  );
  if (!walked) return rows;
  const [w, about] = [values.length + 1, values.length + 2];
  for (const { first, last } of daySpans(walked.day, forward, filter)) {
    if (rows.length >= limit) break;
    rows.push(
      ...(await sql.query<Row>(
        `SELECT ${EVENT_COLUMNS} FROM event WHERE ${text}${bound(walked.position)} AND day BETWEEN '${first}'::date AND '${last}'::date
           AND event.position = ANY (ARRAY(SELECT signalbox_events_about($${w}::uuid, $${about}, '${first}'::date, '${last}'::date))) ${order} LIMIT ${limit - rows.length}`,
        [...values, workspaceId, filter.about],
      )),
    );
  }
  return rows;
}

/** By its id. Of a change of a run the id says its position; of others it is a look through the feed of the workspace, newest first. */
export async function findEvent(sql: Sql, workspaceId: string, id: string): Promise<Event | null> {
  const position = positionOf(id);
  if (position !== null) {
    const [event] = await readEvents(sql, workspaceId, {}, { cursor: null, after: position - 1, limit: 1 });
    if (event?.id === id) return event;
  }
  const [row] = await sql.query<Row>(
    `SELECT ${EVENT_COLUMNS} FROM event WHERE workspace_id = $1::uuid AND id = $2::uuid ORDER BY event.position DESC LIMIT 1`,
    [workspaceId, id],
  );
  return row ? showEvent(row) : null;
}

/** Rows that are looked through for what has no index: a link from one event to another. */
const LINKED_WITHIN = 10_000;
const LINKED_MAX = 61;
export type Links = {
  readonly ids: readonly string[];
  readonly follows: readonly string[];
  readonly from: number;
  readonly forward: boolean;
};

/**
 * Events that have one of the ids, or follow one, among the 10,000 of the workspace after a position, or before it; nearest first, at most
 * 61. No changes of runs: they follow nothing.
 */
export async function findLinked(sql: Sql, workspaceId: string, { ids, follows, from, forward }: Links): Promise<Event[]> {
  const order = forward ? 'ASC' : 'DESC';
  const rows = await sql.query<Row>(
    `SELECT ${EVENT_COLUMNS} FROM (SELECT * FROM event WHERE workspace_id = $1::uuid AND event.position ${forward ? '>' : '<'} ${from}
       ORDER BY event.position ${order} LIMIT ${LINKED_WITHIN}) event
      WHERE id = ANY ($2::uuid[]) OR follows = ANY ($3::uuid[]) ORDER BY event.position ${order} LIMIT ${LINKED_MAX}`,
    [workspaceId, ids, follows],
  );
  return rows.map(showEvent);
}

export type FeedEvent = Event & { readonly workspaceId: string };
export type Feed = {
  /** Oldest first. */
  readonly events: readonly FeedEvent[];
  /** All up to here was looked at; `upTo` where nothing is left. */
  readonly reached: number;
  /** When the last that was looked at was received; null: nothing was. */
  readonly reachedAt: Date | null;
};

/**
 * Of several workspaces at once, after one position and up to another: a walk of both primary keys from the day before `since` on.
 * Changes of runs are spread out where one of their names is wanted.
 */
export async function readFeed(
  sql: Sql,
  {
    after,
    upTo,
    since,
    workspaceIds,
    limit,
    wants,
  }: {
    after: number;
    upTo: number;
    since: Date;
    workspaceIds: readonly string[];
    limit: number;
    wants: (workspaceId: string, name: string) => boolean;
  },
): Promise<Feed> {
  const rows = await sql.query<Row & { workspaceId: string }>(
    `SELECT workspace_id AS "workspaceId", ${EVENT_COLUMNS} FROM event
      WHERE event.position > $1::bigint AND event.position <= $2::bigint AND workspace_id = ANY ($3::uuid[])
        AND day >= ($5::timestamptz AT TIME ZONE 'UTC')::date - 1
      ORDER BY event.position LIMIT $4::int`,
    [after, upTo, workspaceIds, limit, since],
  );
  const changes = await readChangesOf(sql, { after, upTo, since, workspaceIds, wants });
  const reached = Math.min(rows.length === limit ? Number(rows.at(-1)?.position) : upTo, changes.reached);
  const single = rows.map((row) => ({ ...showEvent(row), workspaceId: row.workspaceId }));
  const events = [...single, ...changes.events].filter(({ position }) => position <= reached).sort((a, b) => a.position - b.position);
  const times = [events.at(-1)?.receivedAt, changes.reachedAt?.toISOString()].flatMap((at) => (at ? [Date.parse(at)] : []));
  return { events, reached, reachedAt: times.length > 0 ? new Date(Math.max(...times)) : null };
}

/** Position up to which the feed has grown; what is at or before it is there. */
export async function readHead(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ position: string }>('SELECT position::text AS position FROM event_shard WHERE shard = 0');
  return Number(row?.position ?? 0);
}

/** Whether something appended `olderMs` ago has no position yet. The oldest by primary key. */
export async function isBehind(sql: Sql, olderMs: number): Promise<boolean> {
  const [row] = await sql.query<{ behind: boolean | null }>(
    `SELECT least((SELECT occurred_at FROM event_inbox ORDER BY n LIMIT 1), (SELECT occurred_at[1] FROM event_change ORDER BY n LIMIT 1))
       < clock_timestamp() - make_interval(secs => $1::float8 / 1000) AS behind`,
    [olderMs],
  );
  return row?.behind ?? false;
}

const MOST_BARS = 1_000;
/** Rows and blocks that are walked through before an index is asked. */
export type Walked = { readonly rows: number; readonly blocks: number };
const WALKED: Walked = { rows: 2_000, blocks: 500 };

/** By time oldest first, else most first. */
export async function countRows(sql: Sql, workspaceId: string, filter: EventFilter, how: How): Promise<{ key: string; count: number }[]> {
  const tally = await countTally(sql, workspaceId, filter, how);
  const counts = tally?.counts ?? new Map<string, number>();
  const add = ({ key, count }: { key: string; count: number }) => void counts.set(key, (counts.get(key) ?? 0) + count);
  for (const rest of tally?.rest ?? [null]) {
    for (const [key, count] of await countChanges(sql, workspaceId, filter, how, rest)) add({ key, count });
    for (const row of await countSingle(sql, workspaceId, filter, how, rest)) add(row);
  }
  const bars = [...counts].map(([key, count]) => ({ key, count }));
  if (how.by === 'time') return bars.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(-MOST_BARS);
  return bars.sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1)).slice(0, MOST_BARS);
}

async function countSingle(
  sql: Sql,
  workspaceId: string,
  filter: EventFilter,
  { by, seconds }: How,
  rest: Rest | null,
): Promise<{ key: string; count: number }[]> {
  const { text: asked, values } = conditions(workspaceId, rest ? within(filter, rest) : filter, null);
  const text = rest ? `${asked} AND position BETWEEN ${rest.first} AND ${rest.last}` : asked;
  if (by !== 'time') {
    const column = by === 'name' ? 'name' : 'resource_id';
    return sql.query(
      `SELECT ${column} AS key, count(*)::int AS count FROM event WHERE ${text} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${MOST_BARS}`,
      values,
    );
  }
  values.push(seconds);
  const bars = await sql.query<{ at: Date; count: number }>(
    `SELECT date_bin(make_interval(secs => $${values.length}::int), received_at, 'epoch') AS at, count(*)::int AS count
       FROM event WHERE ${text} GROUP BY 1 ORDER BY 1 DESC LIMIT ${MOST_BARS}`,
    values,
  );
  return bars.map(({ at, count }) => ({ key: at.toISOString(), count }));
}

/** The day prunes partitions; a resource is found by its index; the rest is looked at row by row. */
function conditions(workspaceId: string, filter: EventFilter, names: readonly string[] | null): { text: string; values: unknown[] } {
  const values: unknown[] = [workspaceId];
  const all = ['workspace_id = $1::uuid'];
  const add = (text: string, value: unknown) => {
    values.push(value);
    all.push(text.replaceAll('?', `$${values.length}`));
  };
  if (filter.from) add(`received_at >= ?::timestamptz AND day >= (?::timestamptz AT TIME ZONE 'UTC')::date`, filter.from);
  if (filter.to) add(`received_at < ?::timestamptz AND day <= (?::timestamptz AT TIME ZONE 'UTC')::date`, filter.to);
  if (filter.resource) add('resource_id = ?', filter.resource);
  if (filter.about) add(`(resource_id = ? OR related @> jsonb_build_array(jsonb_build_object('id', ?::text)))`, filter.about);
  if (filter.text) add(`position(lower(?) IN lower(concat_ws(' ', name, resource, related, payload))) > 0`, filter.text);
  const { wanted, unwanted } = likePatterns(filter.names);
  if (names) add('name = ANY (?::text[])', names);
  else if (wanted.length > 0) add('name LIKE ANY (?::text[])', wanted);
  if (unwanted.length > 0) add('NOT name LIKE ANY (?::text[])', unwanted);
  return { text: all.join(' AND '), values };
}
