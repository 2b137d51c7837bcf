import type { RunId } from '@signalbox/proto';
import type { FailureGroup } from '@signalbox/proto/api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const SEARCH_MAX = 200;
export const FAILURE_VIEWS = ['open', 'acknowledged', 'muted', 'resolved'] as const;
export type FailureView = (typeof FAILURE_VIEWS)[number];

export const failureQueries = (api: Api) => ({
  /** `search`: part of the error, or of the name of a deployment. A page of a search may be empty and have a next one. */
  list: (view: FailureView, search: string) =>
    infiniteQueryOptions({
      queryKey: ['failures', 'list', view, search],
      queryFn: ({ pageParam, signal }) => {
        const text = search.trim().slice(0, SEARCH_MAX);
        return api.failures.list.query(
          { statuses: [view], ...(text ? { text } : {}), ...(pageParam ? { cursor: pageParam } : {}) },
          { signal },
        );
      },
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
    }),
  /** The group of the last failure of a run; null: there is none, or none yet. */
  ofRun: (run: RunId) =>
    queryOptions({
      queryKey: ['failures', 'of-run', run],
      queryFn: async ({ signal }) =>
        (await api.failures.list.query({ run, statuses: [...FAILURE_VIEWS], limit: 1 }, { signal })).items[0] ?? null,
    }),
  detail: (group: FailureGroup['id']) =>
    queryOptions({ queryKey: ['failures', 'detail', group], queryFn: ({ signal }) => api.failures.get.query({ group }, { signal }) }),
});
