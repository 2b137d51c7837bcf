import type { Incident } from '@signalbox/proto/api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

const PAGE = 100;

const OPEN = ['open', 'investigating', 'monitoring'] as const;

export const incidentQueries = (api: Api) => ({
  /** Newest first. `all`: resolved ones too. */
  list: (all: boolean) =>
    infiniteQueryOptions({
      queryKey: ['incidents', 'list', all],
      queryFn: ({ pageParam, signal }) =>
        api.incidents.list.query(
          { limit: PAGE, ...(all ? {} : { statuses: [...OPEN] }), ...(pageParam ? { cursor: pageParam } : {}) },
          { signal },
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
    }),
  /** Those about a thing that are not over, newest first. */
  about: (id: string) =>
    queryOptions({
      queryKey: ['incidents', 'about', id],
      queryFn: ({ signal }) => api.incidents.list.query({ about: id, statuses: [...OPEN], limit: 5 }, { signal }),
    }),
  detail: (incident: Incident['id']) =>
    queryOptions({
      queryKey: ['incidents', 'detail', incident],
      queryFn: ({ signal }) => api.incidents.get.query({ incident }, { signal }),
    }),
});
