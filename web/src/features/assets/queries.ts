import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const assetQueries = (api: Api) => ({
  list: (text: string) =>
    infiniteQueryOptions({
      queryKey: ['assets', 'list', text],
      queryFn: ({ signal, pageParam }) =>
        api.assets.list.query({ limit: 100, ...(text ? { text } : {}), ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
      initialPageParam: '',
      getNextPageParam: (page) => page.nextCursor,
    }),
  detail: (uri: string) =>
    queryOptions({ queryKey: ['assets', 'detail', uri], queryFn: ({ signal }) => api.assets.get.query({ uri }, { signal }) }),
  materializations: (uri: string) =>
    queryOptions({
      queryKey: ['assets', 'materializations', uri],
      queryFn: ({ signal }) => api.assets.materializations.query({ uri, limit: 20 }, { signal }),
    }),
  graph: (uri: string) =>
    queryOptions({ queryKey: ['assets', 'graph', uri], queryFn: ({ signal }) => api.assets.graph.query({ uri }, { signal }) }),
});
