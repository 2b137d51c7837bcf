/** Rows of event_block, read by (workspace, last position). Blocks of a workspace do not overlap, nor do those of two. */
import { isId, toUuid, uuidTimeMs } from '@signalbox/proto';
import type { Event } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';
import { type Block, type BlockText, mayHaveText, runOf, spreadBlock } from './block.ts';
import { type Days, dateOf, type Edge, FOUND_AT_ONCE, type Found, type Table, type Way } from './feed-walk.ts';
import { type EventFilter, fitsNames, likePatterns, matches } from './filter.ts';
import { findAbout } from './find-about.ts';
import { type How, placedIn, type Rest } from './tally.ts';

type Row = BlockText & {
  firstPosition: string;
  lastPosition: string;
  receivedAt: Date;
};

const DAY_MS = 86_400_000;
const COLUMNS = `first_position::text AS "firstPosition", last_position::text AS "lastPosition", received_at AS "receivedAt",
  to_json(run_ids)::text AS "runIds", labels::text AS labels, body::text AS body`;
const FIRST_BLOCKS = 4;
/** Of 1,000 events at most, about 30 KB each. */
const MOST_BLOCKS = 64;
/** Of a piece of a day, to be found by an index: of names alone they need not be opened. */
const MOST_OF_PIECE = 1_000;
const MOST_OF_PIECE_BY_NAME = 2_000;
/** Read, of those that an index found. */
const MOST_FOUND = 128;

export async function insertBlocks(sql: Sql, blocks: readonly (Block & { workspaceId: string })[], receivedAt: Date): Promise<void> {
  if (blocks.length === 0) return;
  await sql.query(
    `INSERT INTO event_block (day, first_position, last_position, workspace_id, received_at, run_ids, names, labels, body)
     SELECT ($2::timestamptz AT TIME ZONE 'UTC')::date, "firstPosition", "lastPosition", "workspaceId", $2::timestamptz, "runIds", names, labels, body
       FROM json_to_recordset($1::json) AS b ("firstPosition" bigint, "lastPosition" bigint, "workspaceId" uuid, "runIds" uuid[], names jsonb,
         labels jsonb, body json)`,
    [JSON.stringify(blocks), receivedAt],
  );
}

/** Null: no block has what is asked for. `atOnce`: blocks that are looked through at a time. */
export async function blockTable(sql: Sql, way: Way, atOnce: number): Promise<Table | null> {
  const { workspaceId, filter, forward, limit, first, last } = way;
  // Those of a task run lie with its run's.
  const [resource, about] = [filter.resource, filter.about].map((id) => (id === undefined ? undefined : runOf(id)));
  if (resource !== undefined && !isId('run', resource)) return null;
  // Names of others are those of rows.
  const names = way.names?.filter((name) => name.startsWith('run.') || name.startsWith('task-run.')) ?? null;
  if (names?.length === 0) return null;
  const runId = [resource, about].find((id) => id !== undefined && isId('run', id));

  const values: unknown[] = [workspaceId];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const base = [
    'workspace_id = $1::uuid',
    ...(first > 0 ? [`last_position >= ${first}`] : []),
    ...(last < Number.POSITIVE_INFINITY ? [`first_position <= ${last}`] : []),
    ...(filter.from ? [`received_at >= ${bind(filter.from)}::timestamptz`] : []),
    ...(filter.to ? [`received_at < ${bind(filter.to)}::timestamptz`] : []),
  ].join(' AND ');
  const asOfBase = values.length;
  const order = `ORDER BY event_block.last_position ${forward ? 'ASC' : 'DESC'}`;
  const start = way.from === null || forward ? way.from : await beforeBlockOf(sql, way, way.from);
  const within = (at: number | null, { first, last }: Days) =>
    `${base} AND day BETWEEN '${first}'::date AND '${last}'::date${at === null ? '' : ` AND last_position ${forward ? '>' : '<'} ${at}`}`;
  const asked = askedOf({ resource, about }, filter, names, bind);
  const looks = asked.length > 0 || filter.text !== undefined;

  const [fits, wants] = [matches(filter), fitsNames(filter.names)];
  const may = filter.text === undefined ? () => true : mayHaveText(filter.text.toLowerCase());
  const things = [filter.resource, filter.about].filter((id) => id !== undefined);
  const eventsIn = (rows: readonly Row[]) =>
    rows.flatMap((row) => {
      if (!may(row)) return [];
      const events = spreadBlock(blockOf(row), row.receivedAt, wants, things).filter(
        (event) => (way.from === null || (forward ? event.position > way.from : event.position < way.from)) && fits(event),
      );
      return forward ? events : events.reverse();
    });
  const edgeOf = (row: Pick<Row, 'firstPosition' | 'lastPosition'>): Edge => ({
    at: Number(row.lastPosition),
    reached: Number(forward ? row.lastPosition : row.firstPosition),
  });

  const wanted = Math.min(limit, FOUND_AT_ONCE);
  const find = async (at: number | null, day: string, span: number | null): Promise<Found> => {
    // A run is in none from before it was made.
    const born = runId === undefined ? null : dateOf(uuidTimeMs(toUuid('run', runId)) - DAY_MS);
    const [begin, end] = [
      forward && born !== null && born > day ? born : day,
      !forward && born !== null && born > way.days.end ? born : way.days.end,
    ];
    const { placed: found, dense } = await findAbout(sql, {
      workspaceId,
      ofBlocks: true,
      thing: about ?? resource ?? null,
      run: runId === undefined ? null : toUuid('run', runId),
      names,
      forward,
      beyond: at,
      days: { begin, end },
      wanted,
      most: about === undefined && runId === undefined ? MOST_OF_PIECE_BY_NAME : MOST_OF_PIECE,
      span,
    });
    const placed = found.sort((a, b) => (forward ? a.place - b.place : b.place - a.place)).slice(0, MOST_FOUND);
    const events: Event[] = [];
    let read = 0;
    let edge: Edge | null = null;
    // A block may have all that is wanted, or one event of it.
    while (read < placed.length && events.length < limit) {
      const some = placed.slice(read, read + FOUND_AT_ONCE);
      read += some.length;
      const days = some.map((one) => one.day).sort();
      const rows: Row[] = await sql.query<Row>(
        `SELECT ${COLUMNS} FROM event_block WHERE ${within(edge?.at ?? at, { first: days[0] ?? day, last: days.at(-1) ?? day })}
           AND last_position = ANY ($${asOfBase + 1}::bigint[]) ${order}`,
        [...values.slice(0, asOfBase), some.map(({ place }) => place)],
      );
      events.push(...eventsIn(rows));
      const [lastRow, lastPlace] = [rows.at(-1), some.at(-1)?.place ?? 0];
      // Of the last one read nothing is left; what lies before its first position is in the next.
      edge = lastRow ? edgeOf(lastRow) : { at: lastPlace, reached: lastPlace };
    }
    const isAll = read >= found.length;
    if (isAll && dense !== null) return { events, dense };
    if (edge === null || (isAll && found.length < wanted)) return { events, dense: null, end: null };
    return { events, dense: null, end: { ...edge, day: placed[read - 1]?.day ?? day } };
  };

  return {
    looks,
    atOnce: looks ? atOnce : MOST_BLOCKS,
    atFirst: looks ? (asked.length > 0 ? MOST_BLOCKS : atOnce) : FIRST_BLOCKS,
    readsAll: asked.length === 0,
    start,
    edge: async (at, days) => {
      const [row] = await sql.query<{ count: number; low: string; high: string } & Pick<Row, 'firstPosition' | 'lastPosition'>>(
        `SELECT count(*)::int AS count, min(last_position)::text AS low, max(last_position)::text AS high,
             min(first_position)::text AS "firstPosition", ${forward ? 'max' : 'min'}(last_position)::text AS "lastPosition"
           FROM (SELECT first_position, last_position FROM event_block WHERE ${within(at, days)} ${order} LIMIT ${atOnce}) looked`,
        values.slice(0, asOfBase),
      );
      return row?.count === atOnce ? { ...edgeOf(row), span: Number(row.high) - Number(row.low) } : null;
    },
    read: async (at, days, most) => {
      const from =
        asked.length > 0
          ? `(SELECT * FROM event_block WHERE ${within(at, days)} ${order} LIMIT ${atOnce}) event_block WHERE ${asked.join(' AND ')}`
          : `event_block WHERE ${within(at, days)}`;
      const rows = await sql.query<Row>(`SELECT ${COLUMNS} FROM ${from} ${order} LIMIT ${most}`, values);
      const lastRow = rows.at(-1);
      return { events: eventsIn(rows), last: rows.length === most && lastRow ? edgeOf(lastRow) : null };
    },
    find: names === null && about === undefined && runId === undefined ? null : find,
    findsFirst: runId !== undefined ? 'days' : about === undefined ? null : 'piece',
  };
}

/** What is asked of each block beside its place: what it has none of is not opened. */
function askedOf(
  { resource, about }: { resource: string | undefined; about: string | undefined },
  filter: EventFilter,
  names: readonly string[] | null,
  bind: (value: unknown) => string,
): string[] {
  const asked: string[] = [];
  if (names !== null) asked.push(`names ?| ${bind(names)}::text[]`);
  const { wanted } = likePatterns(filter.names);
  if (names === null && wanted.length > 0)
    asked.push(`EXISTS (SELECT FROM jsonb_object_keys(names) AS n (name) WHERE n.name LIKE ANY (${bind(wanted)}::text[]))`);
  if (resource !== undefined) asked.push(`run_ids @> ARRAY[${bind(toUuid('run', resource))}::uuid]`);
  if (about !== undefined) {
    const related = `labels @> jsonb_build_array(jsonb_build_array(jsonb_build_object('id', ${bind(about)}::text)))`;
    asked.push(isId('run', about) ? `(${related} OR run_ids @> ARRAY[${bind(toUuid('run', about))}::uuid])` : related);
  }
  return asked;
}

/** Backward, the block that holds what lies before a position ends at or behind it: where such blocks are walked through from. */
async function beforeBlockOf(sql: Sql, { workspaceId, days }: Way, position: number): Promise<number> {
  const [row] = await sql.query<{ first: string; last: string }>(
    `SELECT first_position::text AS first, last_position::text AS last FROM event_block WHERE workspace_id = $1::uuid AND last_position >= ${position}
       AND day BETWEEN '${days.begin}'::date AND '${days.begin}'::date + 1 ORDER BY event_block.last_position LIMIT 1`,
    [workspaceId],
  );
  return row && Number(row.first) < position ? Number(row.last) + 1 : position;
}

const blockOf = ({ firstPosition, runIds, labels, body }: Row): Parameters<typeof spreadBlock>[0] => ({
  firstPosition: Number(firstPosition),
  runIds: JSON.parse(runIds),
  labels: JSON.parse(labels),
  body: JSON.parse(body),
});

/** How many changes of runs there are in a piece of time, by their names or by bars. The names of a block are beside it. */
export async function countChanges(
  sql: Sql,
  workspaceId: string,
  filter: EventFilter,
  { by, seconds }: How,
  rest: Rest,
): Promise<{ key: string; count: number }[]> {
  const { wanted, unwanted } = likePatterns(filter.names);
  const key =
    by === 'name' ? 'n.name' : `(extract(epoch FROM date_bin(make_interval(secs => $4::int), received_at, 'epoch')) * 1000)::bigint::text`;
  const rows = await sql.query<{ key: string; count: number }>(
    `SELECT ${key} AS key, sum(n.count::int)::int AS count FROM event_block CROSS JOIN LATERAL jsonb_each_text(names) AS n (name, count)
      WHERE workspace_id = $1::uuid AND ${placedIn(rest, 'last_position')}
        AND (cardinality($2::text[]) = 0 OR n.name LIKE ANY ($2::text[])) AND NOT n.name LIKE ANY ($3::text[]) AND $4::int > 0
      GROUP BY 1 ORDER BY 1 DESC LIMIT 1000`,
    [workspaceId, wanted, unwanted, seconds],
  );
  return by === 'name' ? rows : rows.map(({ key, count }) => ({ key: new Date(Number(key)).toISOString(), count }));
}

/** Blocks of one turn. */
const FEED_BLOCKS = 2;

/** Of several workspaces, oldest first: the primary key. What has none of the names that are wanted is passed over unread. */
export async function readChangesOf(
  sql: Sql,
  asked: {
    after: number;
    upTo: number;
    since: Date;
    workspaceIds: readonly string[];
    wants: (workspaceId: string, name: string) => boolean;
  },
): Promise<{ events: (Event & { workspaceId: string })[]; reached: number; reachedAt: Date | null }> {
  const { after, upTo, since, workspaceIds, wants } = asked;
  const rows = await sql.query<Row & { workspaceId: string; names: Record<string, number> }>(
    `SELECT workspace_id AS "workspaceId", names, ${COLUMNS}
       FROM event_block WHERE last_position > $1::bigint AND last_position <= $2::bigint AND workspace_id = ANY ($3::uuid[])
         AND day >= ($4::timestamptz AT TIME ZONE 'UTC')::date - 1 ORDER BY last_position LIMIT ${FEED_BLOCKS}`,
    [after, upTo, workspaceIds, since],
  );
  const wanted = rows.filter(({ workspaceId, names }) => Object.keys(names).some((name) => wants(workspaceId, name)));
  const last = rows.at(-1);
  return {
    events: wanted.flatMap((row) =>
      spreadBlock(blockOf(row), row.receivedAt, (name) => wants(row.workspaceId, name))
        .filter(({ position }) => position > after)
        .map((event) => ({ ...event, workspaceId: row.workspaceId })),
    ),
    reached: rows.length === FEED_BLOCKS && last ? Number(last.lastPosition) : upTo,
    reachedAt: last?.receivedAt ?? null,
  };
}
