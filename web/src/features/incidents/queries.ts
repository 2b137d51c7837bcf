import type { Incident } from '@signalbox/proto/api';
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const INCIDENTS_SHOWN = 100;

export const incidentQueries = (api: Api) => ({
  /** `all`: resolved ones too. */
  list: (all: boolean) =>
    queryOptions({
      queryKey: ['incidents', 'list', all],
      queryFn: ({ signal }) =>
        api.incidents.list.query(
          { limit: INCIDENTS_SHOWN, ...(all ? {} : { statuses: ['open', 'investigating', 'monitoring'] }) },
          { signal },
        ),
    }),
  detail: (incident: Incident['id']) =>
    queryOptions({
      queryKey: ['incidents', 'detail', incident],
      queryFn: ({ signal }) => api.incidents.get.query({ incident }, { signal }),
    }),
});
