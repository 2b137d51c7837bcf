import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const organizationQueries = (api: Api) => ({
  list: () =>
    queryOptions({ queryKey: ['organizations', 'list'], queryFn: ({ signal }) => api.organizations.list.query(undefined, { signal }) }),
});
