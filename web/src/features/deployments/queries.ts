import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const deploymentQueries = (api: Api) => ({
  list: (search: string) =>
    infiniteQueryOptions({
      queryKey: ['deployments', 'list', search],
      queryFn: ({ pageParam, signal }) =>
        api.deployments.list.query({ limit: 50, ...(search ? { search } : {}), ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
      initialPageParam: '',
      getNextPageParam: (page) => page.nextCursor,
    }),
  /** The first few whose name fits: for the command palette and for filters. */
  search: (search: string) =>
    queryOptions({
      queryKey: ['deployments', 'search', search],
      queryFn: ({ signal }) => api.deployments.list.query({ limit: search ? 6 : 200, ...(search ? { search } : {}) }, { signal }),
    }),
  detail: (deployment: string) =>
    queryOptions({
      queryKey: ['deployments', 'detail', deployment],
      queryFn: ({ signal }) => api.deployments.get.query({ deployment }, { signal }),
    }),
  /** Effective values with the layer each comes from. */
  described: (deployment: string) =>
    queryOptions({
      queryKey: ['deployments', 'described', deployment],
      queryFn: ({ signal }) => api.deployments.describe.query({ deployment }, { signal }),
    }),
  /** What was deployed, newest first. */
  versions: (deployment: string) =>
    queryOptions({
      queryKey: ['deployments', 'versions', deployment],
      queryFn: ({ signal }) => api.deployments.versions.query({ deployment, limit: 10 }, { signal }),
    }),
});

export const flowQueries = (api: Api) => ({
  list: () => queryOptions({ queryKey: ['flows', 'list'], queryFn: ({ signal }) => api.flows.list.query({ limit: 200 }, { signal }) }),
});
