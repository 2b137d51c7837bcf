/** Rows of event_block, read by (workspace, last position). Blocks of a workspace do not overlap, nor do those of two. */
import { isId, toUuid, uuidTimeMs } from '@signalbox/proto';
import type { Event } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';
import { type Block, runOf, spreadBlock } from './block.ts';
import { daySpans, walkedTo, within } from './days.ts';
import { type EventFilter, likePatterns, matches } from './filter.ts';
import type { How, Rest } from './tally.ts';

type Span = { readonly from: number | null; readonly forward: boolean };
type Row = Omit<Block, 'firstPosition' | 'lastPosition'> & {
  firstPosition: string;
  lastPosition: string;
  receivedAt: Date;
};

const DAY_MS = 86_400_000;
const COLUMNS = `first_position::text AS "firstPosition", last_position::text AS "lastPosition", received_at AS "receivedAt", to_json(run_ids) AS "runIds", labels, body`;
const FIRST_BLOCKS = 4;
/** Of 1,000 events at most, about 30 KB each. */
const MOST_BLOCKS = 64;

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

/** The first `limit` that fit, in the order asked for. */
export async function readChanges(
  sql: Sql,
  workspaceId: string,
  filter: EventFilter,
  names: readonly string[] | null,
  { from, forward, limit, walked }: Span & { limit: number; walked: { blocks: number } },
): Promise<Event[]> {
  const found: Event[] = [];
  const fits = matches(filter);
  for await (const events of search(sql, workspaceId, filter, names, { from, forward }, walked.blocks)) {
    for (const event of events) {
      if (from !== null && (forward ? event.position <= from : event.position >= from)) continue;
      if (fits(event)) found.push(event);
    }
    if (found.length >= limit) break;
  }
  return found.slice(0, limit);
}

/** The newest are walked through first: most have what is asked for. What is seldom is then found by its index, day after day. */
async function* search(
  sql: Sql,
  workspaceId: string,
  filter: EventFilter,
  names: readonly string[] | null,
  span: Span,
  walkedBlocks: number,
): AsyncGenerator<Event[]> {
  // Those of a task run lie with its run's.
  const [resource, about] = [filter.resource, filter.about].map((id) => (id === undefined ? undefined : runOf(id)));
  if (resource !== undefined && !isId('run', resource)) return;
  if (names === null && resource === undefined && about === undefined) return yield* walk(sql, workspaceId, filter, span);
  const { from, forward } = span;
  const runId = [resource, about].find((id) => id !== undefined && isId('run', id));
  let near: { position: number | null; day: string };
  if (runId === undefined) {
    const walked = await walkedTo(sql, { table: 'event_block', column: 'last_position', workspaceId, from, forward, count: walkedBlocks });
    yield* walk(sql, workspaceId, filter, span, walked?.position);
    if (!walked) return;
    near = walked;
  } else {
    // A run is seldom, and lies in the days after its own.
    const born = uuidTimeMs(toUuid('run', runId)) - DAY_MS;
    near = { position: null, day: new Date(forward ? born : Date.now() + DAY_MS).toISOString().slice(0, 10) };
    filter = { ...filter, from: later(filter.from, new Date(born).toISOString()) };
  }
  const { text, values } = conditions(workspaceId, filter);
  const [w, thing, run, wanted] = [1, 2, 3, 4].map((n) => `$${values.length + n}`);
  const more = [workspaceId, resource === undefined ? (about ?? null) : null, runId === undefined ? null : toUuid('run', runId), names];
  const order = forward ? 'ASC' : 'DESC';
  for (const { first, last } of daySpans(near.day, forward, filter)) {
    let bound = near.position === null ? boundOf(from, forward) : ` AND last_position ${forward ? '>' : '<'} ${near.position}`;
    for (;;) {
      const rows: Row[] = await sql.query<Row>(
        `SELECT ${COLUMNS} FROM event_block WHERE ${text}${bound} AND day BETWEEN '${first}'::date AND '${last}'::date AND last_position = ANY (ARRAY(
           SELECT signalbox_blocks_about(${w}::uuid, ${thing}, ${run}::uuid, ${wanted}::text[], '${first}'::date, '${last}'::date))) ORDER BY last_position ${order} LIMIT ${MOST_BLOCKS}`,
        [...values, ...more],
      );
      yield rows.flatMap((row) => (forward ? eventsOf(row) : eventsOf(row).reverse()));
      if (rows.length < MOST_BLOCKS) break;
      bound = ` AND last_position ${forward ? '>' : '<'} ${rows.at(-1)?.lastPosition}`;
    }
  }
}

const later = (one: string | undefined, other: string) => (one !== undefined && Date.parse(one) > Date.parse(other) ? one : other);
/** The block that holds the position ends at or behind it; its events beyond are left out by whoever reads them. */
const boundOf = (from: number | null, forward: boolean) =>
  from === null ? '' : forward ? ` AND last_position > ${from}` : ` AND first_position < ${from}`;

/** Events of few blocks at first, then of more at a time, until nobody asks on. */
async function* walk(sql: Sql, workspaceId: string, filter: EventFilter, { from, forward }: Span, until?: number): AsyncGenerator<Event[]> {
  const { text: asked, values } = conditions(workspaceId, filter);
  const text = until === undefined ? asked : `${asked} AND last_position ${forward ? '<=' : '>='} ${until}`;
  // Backward, the block that holds the position ends at or behind it: it is the first that does. Asked for by itself, since a bound that is
  // not known when a statement is planned makes a plan that reads whole days.
  let last = from === null || forward ? from : await endOfBlockAt(sql, workspaceId, from);
  let bound = `last_position ${forward ? '>' : '<='} $${values.length + 1}::bigint`;
  for (let size = FIRST_BLOCKS; ; size = Math.min(MOST_BLOCKS, size * 4)) {
    const rows: Row[] = await sql.query<Row>(
      `SELECT ${COLUMNS} FROM event_block WHERE ${text}${last === null ? '' : ` AND ${bound}`} ORDER BY last_position ${forward ? 'ASC' : 'DESC'} LIMIT ${size}`,
      last === null ? values : [...values, last],
    );
    yield rows.flatMap((row) => {
      const events = eventsOf(row);
      return forward ? events : events.reverse();
    });
    if (rows.length < size) return;
    last = Number(rows.at(-1)?.lastPosition);
    if (!forward) bound = `last_position < $${values.length + 1}::bigint`;
  }
}

async function endOfBlockAt(sql: Sql, workspaceId: string, position: number): Promise<number> {
  const [row] = await sql.query<{ last: string }>(
    `SELECT last_position::text AS last FROM event_block WHERE workspace_id = $1::uuid AND last_position >= $2::bigint ORDER BY event_block.last_position LIMIT 1`,
    [workspaceId, position],
  );
  return row ? Number(row.last) : position;
}

function eventsOf({ firstPosition, lastPosition, receivedAt, ...row }: Row): Event[] {
  return spreadBlock({ ...row, firstPosition: Number(firstPosition), lastPosition: Number(lastPosition) }, receivedAt);
}

/** How many changes of runs there are, by what `keyOf` says. The names of a block are beside it; for all else it is spread out. */
export async function countChanges(
  sql: Sql,
  workspaceId: string,
  filter: EventFilter,
  { by, seconds }: How,
  rest: Rest | null,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const add = (key: string, count = 1) => void counts.set(key, (counts.get(key) ?? 0) + count);
  const binOf = (at: number) => new Date(at - (at % (seconds * 1_000))).toISOString();
  if (by === 'resource' || filter.resource !== undefined || filter.about !== undefined || filter.text !== undefined) {
    const fits = matches(filter);
    for await (const events of search(sql, workspaceId, filter, null, { from: null, forward: false }, 1)) {
      for (const event of events.filter(fits))
        add(by === 'name' ? event.name : by === 'resource' ? (event.resource.id ?? '') : binOf(Date.parse(event.receivedAt)));
    }
    return counts;
  }
  const { text: asked, values } = conditions(workspaceId, rest ? within(filter, rest) : filter);
  const text = rest ? `${asked} AND last_position BETWEEN ${rest.first} AND ${rest.last}` : asked;
  const { wanted, unwanted } = likePatterns(filter.names);
  const bind = (value: unknown) => `$${values.push(value)}`;
  const named = `(cardinality(${bind(wanted)}::text[]) = 0 OR n.name LIKE ANY ($${values.length}::text[])) AND NOT n.name LIKE ANY (${bind(unwanted)}::text[])`;
  const key =
    by === 'name'
      ? 'n.name'
      : `(extract(epoch FROM date_bin(make_interval(secs => ${bind(seconds)}::int), received_at, 'epoch')) * 1000)::text`;
  const rows = await sql.query<{ key: string; count: number }>(
    `SELECT ${key} AS key, sum(n.count::int)::int AS count FROM event_block CROSS JOIN LATERAL jsonb_each_text(names) AS n (name, count)
      WHERE ${text} AND ${named} GROUP BY 1 ORDER BY 1 DESC LIMIT 1000`,
    values,
  );
  for (const { key, count } of rows) add(by === 'name' ? key : new Date(Number(key)).toISOString(), count);
  return counts;
}

/** What blocks are worth opening: partitions by the day, one run by its index, names and relations by what stands beside the body. */
function conditions(workspaceId: string, filter: EventFilter): { text: string; values: unknown[] } {
  const values: unknown[] = [workspaceId];
  const all = ['workspace_id = $1::uuid'];
  const add = (text: string, value: unknown) => {
    values.push(value);
    all.push(text.replaceAll('?', `$${values.length}`));
  };
  if (filter.from) add(`received_at >= ?::timestamptz AND day >= (?::timestamptz AT TIME ZONE 'UTC')::date`, filter.from);
  if (filter.to) add(`received_at < ?::timestamptz AND day <= (?::timestamptz AT TIME ZONE 'UTC')::date`, filter.to);
  // A run is found by its index, from the day on that its id carries.
  const since = (id: string) =>
    add(`day >= (?::timestamptz AT TIME ZONE 'UTC')::date`, new Date(uuidTimeMs(toUuid('run', id)) - DAY_MS).toISOString());
  // Those of a task run lie with its run's.
  const [resource, about] = [filter.resource, filter.about].map((id) => id && runOf(id));
  if (resource !== undefined && !isId('run', resource)) all.push('false');
  else if (resource !== undefined) {
    add('run_ids @> ARRAY[?::uuid]', toUuid('run', resource));
    since(resource);
  }
  if (about !== undefined) {
    const isRun = isId('run', about);
    const related = `labels @> jsonb_build_array(jsonb_build_array(jsonb_build_object('id', $${values.push(about)}::text)))`;
    if (isRun) {
      add(`(${related} OR run_ids @> ARRAY[?::uuid])`, toUuid('run', about));
      since(about);
    } else all.push(related);
  }
  const { wanted } = likePatterns(filter.names);
  if (wanted.length > 0) add('EXISTS (SELECT FROM jsonb_object_keys(names) AS n (name) WHERE n.name LIKE ANY (?::text[]))', wanted);
  return { text: all.join(' AND '), values };
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
    `SELECT workspace_id AS "workspaceId", first_position::text AS "firstPosition", last_position::text AS "lastPosition", received_at AS "receivedAt",
        names, to_json(run_ids) AS "runIds", labels, body
       FROM event_block WHERE last_position > $1::bigint AND last_position <= $2::bigint AND workspace_id = ANY ($3::uuid[])
         AND day >= ($4::timestamptz AT TIME ZONE 'UTC')::date - 1 ORDER BY last_position LIMIT ${FEED_BLOCKS}`,
    [after, upTo, workspaceIds, since],
  );
  const wanted = rows.filter(({ workspaceId, names }) => Object.keys(names).some((name) => wants(workspaceId, name)));
  const last = rows.at(-1);
  return {
    events: wanted.flatMap((row) =>
      eventsOf(row)
        .filter(({ position, name }) => position > after && wants(row.workspaceId, name))
        .map((event) => ({ ...event, workspaceId: row.workspaceId })),
    ),
    reached: rows.length === FEED_BLOCKS && last ? Number(last.lastPosition) : upTo,
    reachedAt: last?.receivedAt ?? null,
  };
}
