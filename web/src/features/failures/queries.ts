import type { FailureGroup } from '@signalbox/proto/api';
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const GROUPS_SHOWN = 100;
export const FAILURE_VIEWS = ['open', 'acknowledged', 'muted', 'resolved'] as const;
export type FailureView = (typeof FAILURE_VIEWS)[number];

export const failureQueries = (api: Api) => ({
  list: (view: FailureView) =>
    queryOptions({
      queryKey: ['failures', 'list', view],
      queryFn: ({ signal }) => api.failures.list.query({ statuses: [view], limit: GROUPS_SHOWN }, { signal }),
    }),
  detail: (group: FailureGroup['id']) =>
    queryOptions({ queryKey: ['failures', 'detail', group], queryFn: ({ signal }) => api.failures.get.query({ group }, { signal }) }),
});
