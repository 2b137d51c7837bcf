import { infiniteQueryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export type AuditFilter = Omit<NonNullable<Parameters<Api['audit']['list']['query']>[0]>, 'cursor' | 'limit'>;
/** Of the workspace, or of all of the organization. */
export type AuditOf = 'workspace' | 'organization';

export const auditQueries = (api: Api) => ({
  list: (of: AuditOf, filter: AuditFilter) =>
    infiniteQueryOptions({
      queryKey: ['audit', of, filter],
      queryFn: ({ pageParam, signal }) => {
        const input = { ...filter, limit: 100, ...(pageParam ? { cursor: pageParam } : {}) };
        return of === 'workspace' ? api.audit.list.query(input, { signal }) : api.audit.listOrganization.query(input, { signal });
      },
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
    }),
});
