/**
 * The feed: appended to the inbox, read by position. An event is a row of `event`, save changes of state of runs, which lie in blocks; what is
 * read here is both, in one order. Pages are in feed-page.ts.
 */
import type { Event } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';
import { positionOf } from './block.ts';
import { readChangesOf } from './block-store.ts';
import type { ForeignEventName, OwnEventName } from './catalogue.ts';
import { readEvents } from './feed-page.ts';
import { EVENT_COLUMNS, type Row, showEvent } from './feed-rows.ts';
import { placeOf } from './tally.ts';

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

/** Rows that are looked through for one of an id. */
const FOUND_WITHIN = 100_000;

/**
 * By its id. Of a change of a run the id says its position; others are looked for among the 100,000 newest rows of the workspace or, where it is
 * known since when it can be there, among as many from then on.
 */
export async function findEvent(sql: Sql, workspaceId: string, id: string, since?: string): Promise<Event | null> {
  const position = positionOf(id);
  if (position !== null) {
    const [event] = await readEvents(sql, workspaceId, {}, { cursor: null, after: position - 1, limit: 1 });
    if (event?.id === id) return event;
  }
  const from = since === undefined ? [] : [(await placeOf(sql, workspaceId, { from: since }))?.first ?? 0, since];
  const [later, order] =
    since === undefined
      ? ['', 'DESC']
      : [
          "AND event.position >= $3::bigint AND day >= ($4::timestamptz AT TIME ZONE 'UTC')::date AND received_at >= $4::timestamptz",
          'ASC',
        ];
  const [row] = await sql.query<Row>(
    `SELECT ${EVENT_COLUMNS} FROM (SELECT * FROM event WHERE workspace_id = $1::uuid ${later}
        ORDER BY event.position ${order} LIMIT ${FOUND_WITHIN}) event WHERE id = $2::uuid LIMIT 1`,
    [workspaceId, id, ...from],
  );
  return row ? showEvent(row) : null;
}

/** Rows that are looked through for what has no index: the id of an event, which would cost each of them an entry at a random place. */
const LINKED_WITHIN = 10_000;
const LINKED_MAX = 61;
export type Links = {
  readonly ids: readonly string[];
  readonly follows: readonly string[];
  readonly from: number;
  /** When what lies there was received. */
  readonly at: string;
  readonly forward: boolean;
};

/**
 * Events that have one of the ids, or follow one, among the 10,000 of the workspace after a position, or before it; forward also those that follow one
 * however far away, by event_of_cause, on days that have it. Nearest first, at most 61. No changes of runs: they follow nothing.
 */
export async function findLinked(sql: Sql, workspaceId: string, { ids, follows, from, at, forward }: Links): Promise<Event[]> {
  const order = forward ? 'ASC' : 'DESC';
  const near = sql.query<Row>(
    `SELECT ${EVENT_COLUMNS} FROM (SELECT * FROM event WHERE workspace_id = $1::uuid AND event.position ${forward ? '>' : '<'} ${from}
         AND day ${forward ? '>=' : '<='} $4::timestamptz::date ORDER BY event.position ${order} LIMIT ${LINKED_WITHIN}) event
      WHERE id = ANY ($2::uuid[]) OR follows = ANY ($3::uuid[]) ORDER BY event.position ${order} LIMIT ${LINKED_MAX}`,
    [workspaceId, ids, follows, at],
  );
  const rows = (await Promise.all([near, forward && follows.length > 0 ? findFollowing(sql, workspaceId, follows, at) : []])).flat();
  const events = new Map(rows.map(showEvent).map((event) => [event.position, event]));
  return [...events.values()].sort((a, b) => (forward ? a.position - b.position : b.position - a.position)).slice(0, LINKED_MAX);
}

async function findFollowing(sql: Sql, workspaceId: string, follows: readonly string[], at: string): Promise<Row[]> {
  const days = await sql.query<{ day: string }>(
    `SELECT to_date(right(t.relname, 8), 'YYYYMMDD')::text AS day FROM pg_inherits i JOIN pg_index x ON x.indexrelid = i.inhrelid
       JOIN pg_class t ON t.oid = x.indrelid WHERE i.inhparent = 'event_of_cause'::regclass`,
  );
  const within = days.flatMap(({ day }) => (day >= at.slice(0, 10) && day <= new Date().toISOString().slice(0, 10) ? [`'${day}'`] : []));
  if (within.length === 0) return [];
  // Gathered first: in the order of the feed all of these days would be walked through.
  return sql.query<Row>(
    `SELECT ${EVENT_COLUMNS} FROM (SELECT * FROM event WHERE workspace_id = $1::uuid AND follows = ANY ($2::uuid[]) AND day IN (${within}) OFFSET 0) event
      ORDER BY event.position LIMIT ${LINKED_MAX}`,
    [workspaceId, follows],
  );
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
