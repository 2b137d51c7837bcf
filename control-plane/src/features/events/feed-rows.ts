/** Events of a row each, by (workspace, position). `atOnce`: rows that are looked through at a time. */
import type { Event } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';
import { type Days, FOUND_AT_ONCE, type Found, type Table, type Way } from './feed-walk.ts';
import { type EventFilter, likePatterns } from './filter.ts';
import { findAbout } from './find-about.ts';

export type Row = Omit<Event, 'position' | 'occurredAt' | 'receivedAt'> & { position: string; occurredAt: Date; receivedAt: Date };
export const EVENT_COLUMNS = `position::text AS position, id::text AS id, name, occurred_at AS "occurredAt", received_at AS "receivedAt", resource, related, payload, follows::text AS follows`;

export function showEvent(row: Row): Event {
  return { ...row, position: Number(row.position), occurredAt: row.occurredAt.toISOString(), receivedAt: row.receivedAt.toISOString() };
}

/** Names that are looked up one by one in event_of_name. */
const NAMES_APART = 20;
/** Of a piece of a day, to be found by the index. */
const MOST_OF_PIECE = 1_000;

export function rowTable(sql: Sql, way: Way, atOnce: number): Table {
  const { workspaceId, filter, names, forward, limit, first, last } = way;
  const values: unknown[] = [workspaceId];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const base = [
    'event.workspace_id = $1::uuid',
    ...(first > 0 ? [`event.position >= ${first}`] : []),
    ...(last < Number.POSITIVE_INFINITY ? [`event.position <= ${last}`] : []),
    ...(filter.from ? [`received_at >= ${bind(filter.from)}::timestamptz`] : []),
    ...(filter.to ? [`received_at < ${bind(filter.to)}::timestamptz`] : []),
    ...(filter.resource ? [`resource_id = ${bind(filter.resource)}`] : []),
  ].join(' AND ');
  const asOfBase = values.length;
  const order = `ORDER BY event.position ${forward ? 'ASC' : 'DESC'}`;
  const within = (at: number | null, { first, last }: Days) =>
    `${base} AND event.day BETWEEN '${first}'::date AND '${last}'::date${at === null ? '' : ` AND event.position ${forward ? '>' : '<'} ${at}`}`;
  const asked = askedOf(filter, names, bind);
  const apart = names !== null && names.length <= NAMES_APART && asked.length === 1 && filter.resource === undefined;
  const fits = asked.length === 0 ? 'true' : asked.join(' AND ');
  const namesAt = apart ? values.length : 0;

  const read: Table['read'] = async (at, days, most) => {
    const from = apart
      ? `unnest($${namesAt}::text[]) AS n (name) CROSS JOIN LATERAL (SELECT event.* FROM event WHERE ${within(at, days)} AND event.name = n.name ${order} LIMIT ${most}) event`
      : asked.length > 0
        ? `(SELECT event.* FROM event WHERE ${within(at, days)} ${order} LIMIT ${atOnce}) event WHERE ${fits}`
        : `event WHERE ${within(at, days)}`;
    const columns = apart ? EVENT_COLUMNS.replace(', name,', ', event.name,') : EVENT_COLUMNS;
    const rows = await sql.query<Row>(`SELECT ${columns} FROM ${from} ${order} LIMIT ${most}`, values);
    const end = rows.length === most ? Number(rows.at(-1)?.position) : null;
    return { events: rows.map(showEvent), last: end === null ? null : { at: end, reached: end } };
  };

  const wanted = Math.min(limit, FOUND_AT_ONCE);
  const find = async (at: number | null, day: string, span: number | null): Promise<Found> => {
    const { placed, dense } = await findAbout(sql, {
      workspaceId,
      ofBlocks: false,
      thing: filter.about ?? null,
      run: null,
      names: null,
      forward,
      beyond: at,
      days: { begin: day, end: way.days.end },
      wanted,
      most: MOST_OF_PIECE,
      span,
    });
    if (placed.length === 0) return { events: [], ...(dense ? { dense } : { dense: null, end: null }) };
    const days = placed.map((one) => one.day).sort();
    const more = values.length + 1;
    const rows = await sql.query<Row>(
      `SELECT ${EVENT_COLUMNS} FROM event WHERE ${within(at, { first: days[0] ?? day, last: days.at(-1) ?? day })} AND ${fits}
         AND event.position = ANY ($${more}::bigint[]) ${order} LIMIT ${limit}`,
      [...values, placed.map(({ place }) => place)],
    );
    const events = rows.map(showEvent);
    if (dense) return { events, dense };
    if (events.length === limit) return { events, dense: null, end: endAt(Number(rows.at(-1)?.position), day) };
    const places = placed.map(({ place }) => place);
    const lastDay = forward ? days.at(-1) : days[0];
    return {
      events,
      dense: null,
      end: placed.length < wanted ? null : endAt(forward ? Math.max(...places) : Math.min(...places), lastDay ?? day),
    };
  };

  return {
    looks: asked.length > 0 && !apart,
    atOnce: Math.max(atOnce, limit),
    atFirst: limit,
    readsAll: false,
    start: way.from,
    read,
    edge: async (at, days) => {
      const [row] = await sql.query<{ count: number; first: string; last: string }>(
        `SELECT count(*)::int AS count, min(position)::text AS first, max(position)::text AS last
           FROM (SELECT position FROM event WHERE ${within(at, days)} ${order} LIMIT ${atOnce}) looked`,
        values.slice(0, asOfBase),
      );
      if (row?.count !== atOnce) return null;
      const [first, last] = [Number(row.first), Number(row.last)];
      const end = forward ? last : first;
      return { at: end, reached: end, span: last - first };
    },
    find: filter.about === undefined ? null : find,
    findsFirst: filter.about === undefined ? null : 'piece',
  };
}

const endAt = (at: number, day: string) => ({ at, reached: at, day });

/** What is asked of each row beyond what an index knows. */
function askedOf(filter: EventFilter, names: readonly string[] | null, bind: (value: unknown) => string): string[] {
  const { wanted, unwanted } = likePatterns(filter.names);
  const asked: string[] = [];
  if (names !== null) asked.push(`event.name = ANY (${bind(names)}::text[])`);
  else {
    if (wanted.length > 0) asked.push(`event.name LIKE ANY (${bind(wanted)}::text[])`);
    if (unwanted.length > 0) asked.push(`NOT event.name LIKE ANY (${bind(unwanted)}::text[])`);
  }
  if (filter.about !== undefined) {
    const about = bind(filter.about);
    asked.push(`(resource_id = ${about} OR related @> jsonb_build_array(jsonb_build_object('id', ${about}::text)))`);
  }
  if (filter.text !== undefined)
    asked.push(`position(lower(${bind(filter.text)}) IN lower(concat_ws(' ', name, resource, related, payload))) > 0`);
  return asked;
}
