import type { Event } from '@signalbox/proto/api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';
import { type EventFilter, fillBars, filterAt, spanAt } from './event-filter.ts';

const LOOK_EVERY_MS = 3_000;
const YOUNG_MS = 60_000;

const PAGE = 100;
/** A page that ends before it is full is gone on from so long, before the person is asked. */
const SEARCH_MS = 2_000;

async function searchOn(api: Api, filter: ReturnType<typeof filterAt>, from: string | null, signal: AbortSignal) {
  const until = Date.now() + SEARCH_MS;
  const items: Event[] = [];
  for (let cursor = from; ; ) {
    const page = await api.events.list.query({ ...filter, limit: PAGE - items.length, ...(cursor ? { cursor } : {}) }, { signal });
    items.push(...page.items);
    if (page.searchedTo === null || items.length >= PAGE || Date.now() > until) return { ...page, items };
    cursor = page.nextCursor;
  }
}

export const eventQueries = (api: Api) => ({
  list: (filter: EventFilter) =>
    infiniteQueryOptions({
      queryKey: ['events', 'list', filter],
      queryFn: ({ pageParam, signal }) => searchOn(api, filterAt(filter, Date.now()), pageParam, signal),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
    }),
  bars: (filter: EventFilter) =>
    queryOptions({
      queryKey: ['events', 'bars', filter],
      queryFn: async ({ signal }) => {
        const now = Date.now();
        const span = spanAt(filter, now);
        const asked = { ...filterAt(filter, now), by: 'time' as const, seconds: span.barSeconds };
        const { counts, since } = await api.events.count.query(asked, { signal });
        return { bars: fillBars(counts, span), barMs: span.barSeconds * 1_000, since };
      },
    }),
  names: (filter: EventFilter) =>
    queryOptions({
      queryKey: ['events', 'names', filter],
      queryFn: ({ signal }) => api.events.count.query({ ...filterAt(filter, Date.now()), by: 'name' }, { signal }),
    }),
  /** Null: there is none at this position, or it is no longer kept. */
  at: (position: number) =>
    queryOptions({
      queryKey: ['events', 'at', position],
      queryFn: async ({ signal }) => {
        const { items } = await api.events.list.query({ after: position - 1, limit: 1 }, { signal });
        return items[0]?.position === position ? items[0] : null;
      },
    }),
  /** Null: there is none of this id, or none yet. `since`: it was received then or later. */
  ofId: (id: string, since: string | undefined) =>
    queryOptions({
      queryKey: ['events', 'of-id', id, since],
      queryFn: ({ signal }) => api.events.find.query({ id, ...(since === undefined ? {} : { since }) }, { signal }),
    }),
  /** While it is young, or an action waits, more may come of it. */
  graph: ({ position, occurredAt }: Event) =>
    queryOptions({
      queryKey: ['events', 'graph', position],
      queryFn: ({ signal }) => api.events.graph.query({ position }, { signal }),
      refetchInterval: ({ state: { data } }) =>
        Date.now() - Date.parse(occurredAt) < YOUNG_MS || data?.nodes.some((node) => node.kind === 'action' && node.status === 'waiting')
          ? LOOK_EVERY_MS
          : false,
    }),
  /** What happened to the thing and what had to do with it, around an event: the newest 15 up to it, and the next 15. */
  around: (about: string, position: number) =>
    queryOptions({
      queryKey: ['events', 'around', about, position],
      queryFn: async ({ signal }) => {
        const [before, after] = await Promise.all([
          api.events.list.query({ about, cursor: String(position), limit: 15 }, { signal }),
          api.events.list.query({ about, after: position, limit: 15 }, { signal }),
        ]);
        return { before: before.items.toReversed(), after: after.items };
      },
    }),
});
