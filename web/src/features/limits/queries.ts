import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

/** Of each list; more are counted. */
export const OCCUPANTS_SHOWN = 100;

export const limitQueries = (api: Api) => ({
  list: () => queryOptions({ queryKey: ['limits', 'list'], queryFn: ({ signal }) => api.limits.list.query({ limit: 200 }, { signal }) }),
  detail: (limit: string) =>
    queryOptions({ queryKey: ['limits', 'detail', limit], queryFn: ({ signal }) => api.limits.get.query({ limit }, { signal }) }),
  holders: (limit: string) =>
    queryOptions({
      queryKey: ['limits', 'holders', limit],
      queryFn: ({ signal }) => api.limits.holders.query({ of: limit, limit: OCCUPANTS_SHOWN }, { signal }),
    }),
  waiters: (limit: string) =>
    queryOptions({
      queryKey: ['limits', 'waiters', limit],
      queryFn: ({ signal }) => api.limits.waiters.query({ of: limit, limit: OCCUPANTS_SHOWN }, { signal }),
    }),
});
