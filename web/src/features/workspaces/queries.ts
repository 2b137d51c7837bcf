import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const workspaceQueries = (api: Api) => ({
  list: () =>
    queryOptions({
      queryKey: ['workspaces', 'list'],
      queryFn: ({ signal }) => api.workspaces.list.query(undefined, { signal }),
      staleTime: 60_000,
    }),
});
