import type { Incident } from '@signalbox/proto/api';
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const INCIDENTS_SHOWN = 100;

const OPEN = ['open', 'investigating', 'monitoring'] as const;

export const incidentQueries = (api: Api) => ({
  /** `all`: resolved ones too. */
  list: (all: boolean) =>
    queryOptions({
      queryKey: ['incidents', 'list', all],
      queryFn: ({ signal }) => api.incidents.list.query({ limit: INCIDENTS_SHOWN, ...(all ? {} : { statuses: [...OPEN] }) }, { signal }),
    }),
  /** Those about a thing that are not over, newest first. */
  about: (id: string) =>
    queryOptions({
      queryKey: ['incidents', 'about', id],
      queryFn: ({ signal }) => api.incidents.list.query({ about: id, statuses: [...OPEN], limit: 5 }, { signal }),
    }),
  detail: (incident: Incident['id']) =>
    queryOptions({
      queryKey: ['incidents', 'detail', incident],
      queryFn: ({ signal }) => api.incidents.get.query({ incident }, { signal }),
    }),
});
