import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export type Span = 'hour' | 'day';
/** Days back that each chart shows. */
export const DAYS: Readonly<Record<Span, number>> = { hour: 2, day: 30 };

export const usageQueries = (api: Api) => ({
  now: () => queryOptions({ queryKey: ['usage', 'now'], queryFn: ({ signal }) => api.usage.get.query(undefined, { signal }) }),
  history: (by: Span) =>
    queryOptions({
      queryKey: ['usage', 'history', by],
      queryFn: ({ signal }) => api.usage.history.query({ by, days: DAYS[by] }, { signal }),
    }),
});
