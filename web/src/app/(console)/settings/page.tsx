import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { apiKeyQueries } from '../../../features/api-keys/queries.ts';
import { retentionQueries } from '../../../features/retention/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { SettingsPage } from './client.tsx';

export const metadata: Metadata = { title: 'Settings' };

export default async function Page() {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await Promise.all([queryClient.prefetchQuery(apiKeyQueries(api).list()), queryClient.prefetchQuery(retentionQueries(api).get())]);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <SettingsPage />
    </HydrationBoundary>
  );
}
