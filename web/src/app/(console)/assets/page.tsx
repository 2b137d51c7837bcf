import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { assetQueries } from '../../../features/assets/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { AssetsPage } from './client.tsx';

export const metadata: Metadata = { title: 'Assets' };

export default async function Page() {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await Promise.all([queryClient.prefetchInfiniteQuery(assetQueries(api).list(''))]);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <AssetsPage />
    </HydrationBoundary>
  );
}
