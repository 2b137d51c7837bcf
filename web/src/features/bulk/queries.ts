import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const bulkQueries = (api: Api) => ({
  /** The newest jobs; live events bring their progress. */
  list: () => queryOptions({ queryKey: ['bulk', 'list'], queryFn: ({ signal }) => api.bulk.list.query({ limit: 50 }, { signal }) }),
});
