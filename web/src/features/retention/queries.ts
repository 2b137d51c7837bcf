import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const retentionQueries = (api: Api) => ({
  get: () => queryOptions({ queryKey: ['retention'], queryFn: ({ signal }) => api.retention.get.query(undefined, { signal }) }),
});
