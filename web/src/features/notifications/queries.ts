import type { Channel } from '@signalbox/proto/api';
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

/** Of the log; the command line shows more. */
export const DELIVERIES_SHOWN = 100;

export const notificationQueries = (api: Api) => ({
  channels: () =>
    queryOptions({
      queryKey: ['notifications', 'channels'],
      queryFn: ({ signal }) => api.notifications.channels.query(undefined, { signal }),
    }),
  deliveries: (channel: Channel['id'] | null) =>
    queryOptions({
      queryKey: ['notifications', 'deliveries', channel],
      queryFn: ({ signal }) => api.notifications.deliveries.query({ limit: DELIVERIES_SHOWN, ...(channel ? { channel } : {}) }, { signal }),
    }),
});
