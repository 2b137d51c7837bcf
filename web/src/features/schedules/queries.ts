import type { CreateScheduleInput } from '@signalbox/proto/api';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

/** What a schedule that is being typed says so far. */
export type DraftSchedule = Omit<CreateScheduleInput, 'deployment' | 'slug' | 'parameters' | 'active'>;

export const scheduleQueries = (api: Api) => ({
  /** The coming instants of a stored schedule, with reasons. */
  upcoming: (schedule: string, count: number) =>
    queryOptions({
      queryKey: ['schedules', 'upcoming', schedule, count],
      queryFn: ({ signal }) => api.schedules.upcoming.query({ schedule, count }, { signal }),
      staleTime: 30_000,
    }),
  /** The same for one that is only being thought of, by the server's own arithmetic. */
  preview: (draft: DraftSchedule) =>
    queryOptions({
      queryKey: ['schedules', 'preview', draft],
      queryFn: ({ signal }) => api.schedules.preview.query({ ...draft, count: 6 }, { signal }),
      staleTime: 30_000,
      retry: false,
      placeholderData: keepPreviousData,
    }),
  findings: (deployment: string) =>
    queryOptions({
      queryKey: ['schedules', 'findings', deployment],
      queryFn: ({ signal }) => api.schedules.findings.query({ deployment, open: true, limit: 5 }, { signal }),
    }),
  backfills: (deployment: string) =>
    queryOptions({
      queryKey: ['backfills', deployment],
      queryFn: ({ signal }) => api.backfills.list.query({ deployment, limit: 5 }, { signal }),
      // What a running one made is seen as it is made.
      refetchInterval: (query) => (query.state.data?.items.some(({ state }) => state === 'running') ? 2_000 : false),
    }),
});
