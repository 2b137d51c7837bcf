import type { Webhook } from '@signalbox/proto/api';
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const REQUESTS_SHOWN = 20;

export const webhookQueries = (api: Api) => ({
  list: () => queryOptions({ queryKey: ['webhooks', 'list'], queryFn: ({ signal }) => api.webhooks.list.query(undefined, { signal }) }),
  requests: (webhook: Webhook['id']) =>
    queryOptions({
      queryKey: ['webhooks', 'requests', webhook],
      queryFn: ({ signal }) => api.webhooks.requests.query({ webhook, limit: REQUESTS_SHOWN }, { signal }),
    }),
});
