import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { apiKeyQueries } from '../../../features/api-keys/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireMe, serverApi } from '../../../lib/trpc/server.ts';
import { SettingsPage } from './client.tsx';

export const metadata: Metadata = { title: 'Settings' };

export default async function Page() {
  await requireMe();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(apiKeyQueries(await serverApi()).list());
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <SettingsPage />
    </HydrationBoundary>
  );
}
