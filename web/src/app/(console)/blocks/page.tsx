import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { blockQueries } from '../../../features/blocks/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { BlocksPage } from './client.tsx';

export const metadata: Metadata = { title: 'Blocks' };

export default async function Page() {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await Promise.all([queryClient.prefetchQuery(blockQueries(api).list()), queryClient.prefetchQuery(blockQueries(api).types())]);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <BlocksPage />
    </HydrationBoundary>
  );
}
