/** How many events there are, by time, by name or by what they are about. */
import type { Event } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';
import { countChanges } from './block-store.ts';
import { readPage } from './feed-page.ts';
import { type EventFilter, likePatterns } from './filter.ts';
import { countTally, type How, placedIn, type Rest } from './tally.ts';

const MOST_BARS = 1_000;
/** Events that are counted one by one, the newest. */
const MOST_COUNTED = 2_000;

type Counts = {
  /** By time oldest first, else most first. */
  readonly counts: { key: string; count: number }[];
  /** Older ones are not counted; null: all are. */
  readonly since: string | null;
};

/** By names and time from what was counted as they came, all of them; else the newest that fit, one by one. */
export async function countRows(sql: Sql, workspaceId: string, filter: EventFilter, how: How): Promise<Counts> {
  const tally = await countTally(sql, workspaceId, filter, how);
  const counts = tally?.counts ?? new Map<string, number>();
  const add = (key: string, count: number) => void counts.set(key, (counts.get(key) ?? 0) + count);
  for (const rest of tally?.rest ?? []) {
    const both = await Promise.all([countChanges, countSingle].map((count) => count(sql, workspaceId, filter, how, rest)));
    for (const { key, count } of both.flat()) add(key, count);
  }
  let since: string | null = null;
  if (tally === null) {
    const { events, searched } = await readPage(sql, workspaceId, filter, { cursor: null, after: null, limit: MOST_COUNTED });
    for (const event of events) add(keyOf(event, how), 1);
    if (searched !== null || events.length === MOST_COUNTED) since = events.at(-1)?.receivedAt ?? null;
  }
  const bars = [...counts].map(([key, count]) => ({ key, count }));
  const sorted =
    how.by === 'time'
      ? bars.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(-MOST_BARS)
      : bars.sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1)).slice(0, MOST_BARS);
  return { counts: sorted, since };
}

const keyOf = ({ name, resource, receivedAt }: Event, { by, seconds }: How): string => {
  if (by !== 'time') return by === 'name' ? name : (resource.id ?? '');
  const at = Date.parse(receivedAt);
  return new Date(at - (at % (seconds * 1_000))).toISOString();
};

/** Of rows in a piece of time, by their names or by bars. */
async function countSingle(
  sql: Sql,
  workspaceId: string,
  filter: EventFilter,
  { by, seconds }: How,
  rest: Rest,
): Promise<{ key: string; count: number }[]> {
  const { wanted, unwanted } = likePatterns(filter.names);
  const key =
    by === 'name' ? 'name' : `(extract(epoch FROM date_bin(make_interval(secs => $4::int), received_at, 'epoch')) * 1000)::bigint::text`;
  const rows = await sql.query<{ key: string; count: number }>(
    `SELECT ${key} AS key, count(*)::int AS count FROM event WHERE workspace_id = $1::uuid AND ${placedIn(rest, 'position')}
       AND (cardinality($2::text[]) = 0 OR name LIKE ANY ($2::text[])) AND NOT name LIKE ANY ($3::text[]) AND $4::int > 0
      GROUP BY 1 ORDER BY 1 DESC LIMIT ${MOST_BARS}`,
    [workspaceId, wanted, unwanted, seconds],
  );
  return by === 'name' ? rows : rows.map(({ key, count }) => ({ key: new Date(Number(key)).toISOString(), count }));
}
