import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { calendarQueries } from '../../../features/calendars/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { CalendarsPage } from './client.tsx';

export const metadata: Metadata = { title: 'Calendars' };

export default async function Page() {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(calendarQueries(api).list());
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <CalendarsPage />
    </HydrationBoundary>
  );
}
