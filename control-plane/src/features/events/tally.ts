/** Counts by name and time that are kept as events get their positions: event_tally, in bins of five minutes and of an hour. */
import type { Sql } from '../../platform/sql.ts';
import { type EventFilter, fitsNames, likePatterns } from './filter.ts';

/** Seconds of the bins that are kept, the coarsest first. */
const SPANS = [3_600, 300] as const;
const MOST_BARS = 1_000;

/** Names that are looked at, of a workspace that has more: whatever it sends, a page stays cheap. */
const MOST_NAMES = 5_000;
/** Names that are asked for one by one. */
const MOST_FITTING = 500;

/**
 * Names of the workspace that fit the wildcards; null where all are meant, or it has too many. A probe of event_tally_of_name for each name
 * that there is, however often it came.
 */
export async function namesOf(sql: Sql, workspaceId: string, { names = [] }: EventFilter): Promise<string[] | null> {
  if (names.length === 0) return null;
  if (names.every((name) => !name.startsWith('!') && !name.includes('*'))) return [...new Set(names)];
  const of = `FROM event_tally WHERE workspace_id = $1::uuid AND span = ${SPANS[0]}`;
  const rows = await sql.query<{ name: string }>(
    `WITH RECURSIVE n (name) AS (
       (SELECT name ${of} ORDER BY name LIMIT 1)
       UNION ALL SELECT (SELECT t.name ${of.replace('event_tally', 'event_tally t')} AND t.name > n.name ORDER BY t.name LIMIT 1) FROM n WHERE n.name IS NOT NULL)
     SELECT name FROM n WHERE name IS NOT NULL LIMIT ${MOST_NAMES + 1}`,
    [workspaceId],
  );
  if (rows.length > MOST_NAMES) return null;
  const fits = fitsNames(names);
  const fitting = rows.flatMap(({ name }) => (fits(name) ? [name] : []));
  return fitting.length > MOST_FITTING ? null : fitting;
}

/**
 * First and last position of what was received in the range of the filter, or a little around it; null: nothing was. Of the bins next to
 * either end, since a batch may have been begun before another and ended after it.
 */
export async function placeOf(sql: Sql, workspaceId: string, { from, to }: EventFilter): Promise<{ first: number; last: number } | null> {
  const bin = `make_interval(secs => ${SPANS[1]})`;
  const of = async (end: 'first' | 'last', edge: string | undefined) => {
    if (edge === undefined) return null;
    const [sign, order] = end === 'first' ? ['> $2::timestamptz -' + ` ${bin}`, 'ASC'] : ['< $2::timestamptz', 'DESC'];
    const at = `(SELECT at FROM event_tally WHERE workspace_id = $1::uuid AND span = ${SPANS[1]} AND at ${sign} ORDER BY at ${order} LIMIT 1)`;
    const [row] = await sql.query<{ position: string | null }>(
      `SELECT ${end === 'first' ? 'min(first_position)' : 'max(last_position)'}::text AS position FROM event_tally
        WHERE workspace_id = $1::uuid AND span = ${SPANS[1]} AND at >= ${at} - ${bin} AND at <= ${at} + ${bin}`,
      [workspaceId, edge],
    );
    return row?.position ?? 'none';
  };
  const [first, last] = await Promise.all([of('first', from), of('last', to)]);
  if (first === 'none' || last === 'none') return null;
  return { first: first === null ? 0 : Number(first), last: last === null ? Number.POSITIVE_INFINITY : Number(last) };
}

export type How = { readonly by: 'time' | 'name' | 'resource'; readonly seconds: number };
/** A piece of time whose events are counted one by one; `from` and `to` in milliseconds, positions both included. */
export type Rest = { readonly from: number; readonly to: number; readonly first: number; readonly last: number };

/**
 * Counts of whole bins, and what is left of the range: less than a bin at either end. Null where the question is not one of names and time,
 * or bars are not of whole bins.
 */
export async function countTally(
  sql: Sql,
  workspaceId: string,
  filter: EventFilter,
  { by, seconds }: How,
): Promise<{ counts: Map<string, number>; rest: Rest[] } | null> {
  if (by === 'resource' || filter.resource !== undefined || filter.about !== undefined || filter.text !== undefined) return null;
  const spans = SPANS.filter((span) => by === 'name' || seconds % span === 0);
  const { wanted, unwanted } = likePatterns(filter.names);
  const [from, to] = [filter.from ? Date.parse(filter.from) : null, filter.to ? Date.parse(filter.to) : null];
  // Of bars that no bin fits into each event is counted, as many bars as are shown.
  const end = to ?? Date.now() + 60_000;
  const { pieces, ends } =
    spans.length > 0
      ? split(from, to, spans)
      : { pieces: [], ends: [{ from: Math.max(from ?? 0, end - MOST_BARS * seconds * 1_000), to: end }] };
  const key = by === 'name' ? 'name' : `(extract(epoch FROM date_bin(make_interval(secs => $7::int), at, 'epoch')) * 1000)::text`;
  const rows = await sql.query<{ key: string; count: string }>(
    `SELECT ${key} AS key, sum(count)::text AS count FROM unnest($2::int[], $3::timestamptz[], $4::timestamptz[]) AS p (span, first, until)
       JOIN event_tally t ON t.workspace_id = $1::uuid AND t.span = p.span AND t.at >= p.first AND t.at < p.until
      WHERE (cardinality($5::text[]) = 0 OR name LIKE ANY ($5::text[])) AND NOT name LIKE ANY ($6::text[]) AND $7::int > 0
      GROUP BY 1 ORDER BY 1 DESC LIMIT ${MOST_BARS}`,
    [
      workspaceId,
      pieces.map(({ span }) => span),
      pieces.map(({ from: at }) => isoOf(at)),
      pieces.map(({ to: at }) => isoOf(at)),
      wanted,
      unwanted,
      seconds,
    ],
  );
  const counts = new Map(rows.map((row) => [by === 'name' ? row.key : new Date(Number(row.key)).toISOString(), Number(row.count)]));
  return { counts, rest: await placesOf(sql, workspaceId, ends) };
}

type Piece = { readonly from: number; readonly to: number };

/** Cuts a range into whole bins, each as coarse as may be, and the ends, which fill none. Without bounds it is from the beginning to the end. */
export function split(
  from: number | null,
  to: number | null,
  spans: readonly number[],
): { pieces: (Piece & { span: number })[]; ends: Piece[] } {
  let inner: Piece = { from: from ?? Number.NEGATIVE_INFINITY, to: to ?? Number.POSITIVE_INFINITY };
  const fitting = [...spans].sort((a, b) => a - b);
  const finest = (fitting[0] ?? 1) * 1_000;
  const whole: Piece = { from: up(inner.from, finest), to: down(inner.to, finest) };
  if (whole.from >= whole.to) return { pieces: [], ends: inner.from < inner.to ? [inner] : [] };
  const ends = [
    { from: inner.from, to: whole.from },
    { from: whole.to, to: inner.to },
  ].filter((piece) => piece.from < piece.to);
  const pieces: (Piece & { span: number })[] = [];
  inner = whole;
  for (const span of [...spans].sort((a, b) => b - a)) {
    const [first, last] = [up(inner.from, span * 1_000), down(inner.to, span * 1_000)];
    if (first >= last) continue;
    pieces.push({ span, from: first, to: last });
    const finer = fitting[0] ?? span;
    if (span !== finer) {
      if (inner.from < first) pieces.push({ span: finer, from: inner.from, to: first });
      if (last < inner.to) pieces.push({ span: finer, from: last, to: inner.to });
    }
    return { pieces, ends };
  }
  return { pieces, ends };
}

/** Condition for what lies in a piece of time. */
export function placedIn({ from, to, first, last }: Rest, position: 'position' | 'last_position'): string {
  const all = [`${position} BETWEEN ${first} AND ${last}`];
  if (Number.isFinite(from)) all.push(`received_at >= '${isoOf(from)}'::timestamptz AND day >= '${isoOf(from).slice(0, 10)}'::date`);
  if (Number.isFinite(to)) all.push(`received_at < '${isoOf(to)}'::timestamptz AND day <= '${isoOf(to).slice(0, 10)}'::date`);
  return all.join(' AND ');
}

const up = (at: number, step: number) => (Number.isFinite(at) ? Math.ceil(at / step) * step : at);
const down = (at: number, step: number) => (Number.isFinite(at) ? Math.floor(at / step) * step : at);
const isoOf = (at: number) => (Number.isFinite(at) ? new Date(at).toISOString() : at < 0 ? '-infinity' : 'infinity');

/** Where events of the finest bins of these pieces lie; of one without any nothing is left to look at. */
async function placesOf(sql: Sql, workspaceId: string, ends: readonly Piece[]): Promise<Rest[]> {
  const finest = SPANS[1];
  const found = await Promise.all(
    ends.map(async ({ from, to }) => {
      const [place] = await sql.query<{ first: string | null; last: string | null }>(
        `SELECT min(first_position)::text AS first, max(last_position)::text AS last FROM event_tally
          WHERE workspace_id = $1::uuid AND span = ${finest} AND at >= $2::timestamptz AND at < $3::timestamptz`,
        [workspaceId, isoOf(down(from, finest * 1_000)), isoOf(up(to, finest * 1_000))],
      );
      return place?.first && place.last ? [{ from, to, first: Number(place.first), last: Number(place.last) }] : [];
    }),
  );
  return found.flat();
}
