import type { Agent } from '@signalbox/proto/api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const workPoolQueries = (api: Api) => ({
  slots: (pool: string, agent?: Agent['id']) =>
    infiniteQueryOptions({
      queryKey: ['work-pools', 'slots', pool, agent ?? null],
      queryFn: ({ pageParam, signal }) =>
        api.workPools.slots.query(
          { pool, ...(agent ? { agent } : {}), limit: 20, ...(pageParam ? { cursor: pageParam } : {}) },
          { signal },
        ),
      initialPageParam: '',
      getNextPageParam: (page) => page.nextCursor,
    }),
  list: () =>
    queryOptions({ queryKey: ['work-pools', 'list'], queryFn: ({ signal }) => api.workPools.list.query({ limit: 200 }, { signal }) }),
  template: (pool: string) =>
    queryOptions({
      queryKey: ['work-pools', 'template', pool],
      queryFn: ({ signal }) => api.workPools.getTemplate.query({ pool }, { signal }),
    }),
  detail: (pool: string) =>
    queryOptions({ queryKey: ['work-pools', 'detail', pool], queryFn: ({ signal }) => api.workPools.get.query({ pool }, { signal }) }),
});
