import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const organizationQueries = (api: Api) => ({
  /** The one that the console is in. */
  here: () =>
    queryOptions({ queryKey: ['organizations', 'here'], queryFn: ({ signal }) => api.organizations.get.query(undefined, { signal }) }),
  list: () =>
    queryOptions({ queryKey: ['organizations', 'list'], queryFn: ({ signal }) => api.organizations.list.query(undefined, { signal }) }),
});
