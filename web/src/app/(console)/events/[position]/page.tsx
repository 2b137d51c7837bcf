import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { notFound, redirect } from 'next/navigation';
import { eventQueries } from '../../../../features/events/queries.ts';
import { paths } from '../../../../lib/paths.ts';
import { makeQueryClient } from '../../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../../lib/trpc/server.ts';
import { EventOfId, EventPage } from './client.tsx';

export const metadata: Metadata = { title: 'Event' };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** By its position in the feed; or by its id, which leads on to that. */
export default async function Page({
  params,
  searchParams,
}: {
  params: Promise<{ position: string }>;
  searchParams: Promise<{ since?: string | string[] }>;
}) {
  const { position: asked } = await params;
  const position = Number(asked);
  const isId = UUID.test(asked);
  if (!isId && (!Number.isSafeInteger(position) || position < 1)) notFound();
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  if (!isId) {
    await queryClient.prefetchQuery(eventQueries(api).at(position));
    return (
      <HydrationBoundary state={dehydrate(queryClient)}>
        <EventPage position={position} />
      </HydrationBoundary>
    );
  }
  const { since } = await searchParams;
  const found = eventQueries(api).ofId(asked, typeof since === 'string' ? since : undefined);
  await queryClient.prefetchQuery(found);
  const event = queryClient.getQueryData(found.queryKey);
  if (event) redirect(paths.event(event.position));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <EventOfId id={asked} since={typeof since === 'string' ? since : undefined} />
    </HydrationBoundary>
  );
}
