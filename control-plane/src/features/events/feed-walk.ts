/**
 * A page of the feed. It is kept in two tables, of rows and of blocks; each is walked through from a position on, in steps of a bounded cost,
 * and what both have told in full is the page. Days are opened one after another, ever more at once: the page seldom needs the second.
 */
import type { Event } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';
import type { EventFilter } from './filter.ts';

const DAY_MS = 86_400_000;

/** What a step told. `reached`: all up to there, with the events before, is told; null: there is no more. */
type Step = { readonly events: readonly Event[]; readonly reached: number | null };
/** Ends with a step that reached null, or without one where it has looked at as many as it may. */
export type Walk = AsyncGenerator<Step, void>;

/** What is asked of one table, and from where on. */
export type Way = {
  readonly workspaceId: string;
  readonly filter: EventFilter;
  /** Names that fit the filter; null: they are looked at one by one. */
  readonly names: readonly string[] | null;
  readonly forward: boolean;
  /** Events beyond it. */
  readonly from: number | null;
  /** Positions between which the time of the filter lies, or a little more. */
  readonly first: number;
  readonly last: number;
  /** Most events that are wanted. */
  readonly limit: number;
  /** In the order of the walk, as dates. */
  readonly days: { readonly begin: string; readonly end: string };
  /** How often so many are looked through for what no index finds. */
  readonly times: number;
};

/** A few neighbouring days, the earlier first. */
export type Days = { readonly first: string; readonly last: string };

/** From a day on: one, then two, then four. */
export function* daysFrom(begin: string, end: string, forward: boolean): Generator<Days> {
  const [from, to] = [Date.parse(begin), Date.parse(end)];
  for (let at = from, days = 1; forward ? at <= to : at >= to; days *= 2) {
    const stop = forward ? Math.min(at + (days - 1) * DAY_MS, to) : Math.max(at - (days - 1) * DAY_MS, to);
    yield forward ? { first: dateOf(at), last: dateOf(stop) } : { first: dateOf(stop), last: dateOf(at) };
    at = stop + (forward ? DAY_MS : -DAY_MS);
  }
}

export const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** What a walk needs of a table. Places are positions of rows, or last positions of blocks. */
export type Table = {
  /** Whether what fits is known only by looking at each; else each that is read fits. */
  readonly looks: boolean;
  /** Most that are looked through, or read, at a time; and of the first time. */
  readonly atOnce: number;
  readonly atFirst: number;
  /** Whether all that are looked through are also read. */
  readonly readsAll: boolean;
  /** Where it begins; null: at the end of the feed. */
  readonly start: number | null;
  /** The last of `atOnce` from a place on, fit or not; null: there are fewer. */
  edge(at: number | null, days: Days): Promise<(Edge & { readonly span: number }) | null>;
  /** Of those from a place on (of `atOnce`, where it looks) the first `most` that fit. `last`: of the last of them; null: there were fewer. */
  read(at: number | null, days: Days, most: number): Promise<{ events: Event[]; last: Edge | null }>;
  /** What an index knows of what is asked for, a piece of a day at a time; `span`: positions of the first piece, null: the whole day. Null: none does. */
  readonly find: ((at: number | null, day: string, span: number | null) => Promise<Found>) | null;
  /** Nobody walks to it before the index was asked: for days, where it is so seldom, or for a piece. */
  readonly findsFirst: 'days' | 'piece' | null;
};
export type Edge = { readonly at: number; readonly reached: number };
/**
 * In the order of the walk. `dense`: from there on, on that day, there are too many to be found so (`at` null: from where it began); what lies before
 * is found. Else `end`: all up to there is told, which lies on its `day`; null: there is no more.
 */
export type Found = { readonly events: Event[] } & (
  | { readonly dense: { readonly day: string; readonly at: number | null } }
  | { readonly dense: null; readonly end: (Edge & { readonly day: string }) | null }
);

/** An index is asked for so many times as much as is walked through at a time. */
const FIRST_PIECE = 8;
/** Positions of the first piece on a day that has too few to tell. */
const SMALL_DAY = 50_000;
/** Places that are found at once: the other table has its share of the page, and a block many events. */
export const FOUND_AT_ONCE = 32;

/** Where each one fits they are read as they come; else so many are looked through at a time, as often as the budget has it, or found by an index. */
export async function* walkTable(table: Table, way: Way): Walk {
  const { find } = table;
  let [at, day, left, isFound]: [number | null, string, number, boolean] = [table.start, way.days.begin, way.times, false];
  const held: Event[] = [];
  const give = (reached: number | null): Step => ({ events: held.splice(0), reached });
  // Answers whether it led on to a day that has to be walked through.
  const seek = async function* (look: NonNullable<typeof find>, span: number | null): AsyncGenerator<Step, boolean> {
    isFound = true;
    for (; left > 0; left -= 1 / 4) {
      const found = await look(at, day, span);
      held.push(...found.events);
      if (found.dense !== null) {
        ({ day } = found.dense);
        at = found.dense.at ?? at;
        return true;
      }
      yield give(found.end?.reached ?? null);
      if (found.end === null) return false;
      ({ at, day } = found.end);
    }
    return false;
  };
  const pieceAfter = (edge: { readonly span: number } | null) => (edge ? edge.span * FIRST_PIECE : SMALL_DAY);
  if (find !== null && table.findsFirst !== null) {
    const span = table.findsFirst === 'days' ? null : pieceAfter(await table.edge(at, { first: day, last: day }));
    if (!(yield* seek(find, span))) return;
  }
  walk: for (;;) {
    for (const days of daysFrom(day, way.days.end, way.forward)) {
      for (let size = table.atFirst; ; size = Math.min(table.atOnce, size * 4)) {
        if (left <= 0) return;
        const most = Math.min(size, table.atOnce);
        const [edge, { events, last }] = await Promise.all([table.looks ? table.edge(at, days) : null, table.read(at, days, most)]);
        held.push(...events);
        const reached = last ?? edge;
        // Of these days all is told.
        if (reached === null) break;
        if (table.looks) left -= last === null || table.readsAll ? 1 : 1 / 4;
        at = reached.at;
        if (find === null || isFound || left <= 0 || events.length * left >= way.limit) {
          yield give(reached.reached);
          continue;
        }
        // Too few for this to lead there soon.
        day = way.forward ? days.first : days.last;
        if (!(yield* seek(find, pieceAfter(edge)))) return;
        continue walk;
      }
    }
    return yield give(null);
  }
}

/** Merges two walks: what both have told in full, nearest first, up to `limit`. `searched`: how far, where they stopped before there were as many. */
export async function mergeWalks(
  walks: readonly Walk[],
  { limit, forward }: Pick<Way, 'limit' | 'forward'>,
): Promise<{ events: Event[]; searched: number | null }> {
  const order = forward ? 1 : -1;
  const told = walks.map((walk) => ({ walk, events: [] as Event[], reached: undefined as number | null | undefined, isSpent: false }));
  type Told = (typeof told)[number];
  const step = async (one: Told) => {
    const { value, done } = await one.walk.next();
    if (done) one.isSpent = true;
    else {
      one.events.push(...value.events);
      one.reached = value.reached;
    }
  };
  await Promise.all(told.map(step));
  for (;;) {
    // Who has not come as far as the others holds them back.
    const slowest = told.filter(({ reached }) => reached !== null).sort((a, b) => distance(a) - distance(b))[0];
    const far = slowest?.reached;
    const events = told
      .flatMap((one) => one.events)
      .filter(({ position }) => slowest === undefined || (far != null && order * (position - far) <= 0))
      .sort((a, b) => order * (a.position - b.position));
    if (events.length >= limit || slowest === undefined) return { events: events.slice(0, limit), searched: null };
    if (slowest.isSpent) return { events, searched: far ?? null };
    await step(slowest);
  }
  function distance({ reached }: Told): number {
    return reached === undefined ? Number.NEGATIVE_INFINITY : order * (reached ?? 0);
  }
}

/** Days that there are, and the one on which a position lies. */
export async function daysAt(sql: Sql, place: number | null): Promise<{ day: string | null; oldest: string; newest: string }> {
  const [days] = await sql.query<{ day: string | null; oldest: string; newest: string }>(
    'SELECT * FROM signalbox_event_days_at($1::bigint)',
    [place],
  );
  if (!days) throw new Error('there are no days of events');
  return days;
}
