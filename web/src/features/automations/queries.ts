import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export type FiringFilter = { readonly automation?: string; readonly event?: string; readonly failed?: boolean };

export const automationQueries = (api: Api) => ({
  list: (search: string) =>
    infiniteQueryOptions({
      queryKey: ['automations', 'list', search],
      queryFn: ({ pageParam, signal }) =>
        api.automations.list.query({ limit: 100, ...(search ? { search } : {}), ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
    }),
  detail: (automation: string) =>
    queryOptions({
      queryKey: ['automations', 'detail', automation],
      queryFn: ({ signal }) => api.automations.get.query({ automation }, { signal }),
    }),
  /** Events to fill actions in for: the newest of these names. */
  choices: (names: readonly string[]) =>
    queryOptions({
      queryKey: ['events', 'choices', names],
      queryFn: ({ signal }) => api.events.list.query({ limit: 12, ...(names.length > 0 ? { names: [...names] } : {}) }, { signal }),
      retry: false,
    }),
  firings: (filter: FiringFilter) =>
    infiniteQueryOptions({
      queryKey: ['automations', 'firings', filter],
      queryFn: ({ pageParam, signal }) =>
        api.automations.firings.query({ ...filter, limit: 25, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
    }),
});
