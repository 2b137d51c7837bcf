import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { eventQueries } from '../../../../features/events/queries.ts';
import { makeQueryClient } from '../../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../../lib/trpc/server.ts';
import { EventPage } from './client.tsx';

export const metadata: Metadata = { title: 'Event' };

export default async function Page({ params }: { params: Promise<{ position: string }> }) {
  const position = Number((await params).position);
  if (!Number.isSafeInteger(position) || position < 1) notFound();
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(eventQueries(api).at(position));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <EventPage position={position} />
    </HydrationBoundary>
  );
}
