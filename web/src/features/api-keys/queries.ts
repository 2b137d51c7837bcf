import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const apiKeyQueries = (api: Api) => ({
  list: () => queryOptions({ queryKey: ['api-keys', 'list'], queryFn: ({ signal }) => api.apiKeys.list.query(undefined, { signal }) }),
});
