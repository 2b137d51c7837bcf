import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const calendarQueries = (api: Api) => ({
  list: () => queryOptions({ queryKey: ['calendars'], queryFn: ({ signal }) => api.calendars.list.query(undefined, { signal }) }),
});
