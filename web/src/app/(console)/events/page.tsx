import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { eventQueries } from '../../../features/events/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { EventsPage } from './client.tsx';
import { loadEventFilter } from './search-params.ts';

export const metadata: Metadata = { title: 'Events' };

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchInfiniteQuery(eventQueries(api).list(await loadEventFilter(searchParams)));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <EventsPage />
    </HydrationBoundary>
  );
}
