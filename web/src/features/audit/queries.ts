import { infiniteQueryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export type AuditFilter = { readonly action?: string; readonly actor?: string; readonly outcome?: 'done' | 'refused' };

export const auditQueries = (api: Api) => ({
  list: (filter: AuditFilter) =>
    infiniteQueryOptions({
      queryKey: ['audit', filter],
      queryFn: ({ pageParam, signal }) =>
        api.audit.list.query({ ...filter, limit: 100, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
    }),
});
