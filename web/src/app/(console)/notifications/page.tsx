import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { notificationQueries } from '../../../features/notifications/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { NotificationsPage } from './client.tsx';

export const metadata: Metadata = { title: 'Notifications' };

export default async function Page() {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(notificationQueries(api).channels());
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <NotificationsPage />
    </HydrationBoundary>
  );
}
