import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { failureQueries } from '../../../features/failures/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { FailuresPage } from './client.tsx';
import { loadFailureSearch } from './search-params.ts';

export const metadata: Metadata = { title: 'Failures' };

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  const { view, q } = await loadFailureSearch(searchParams);
  await queryClient.prefetchInfiniteQuery(failureQueries(api).list(view, q));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <FailuresPage />
    </HydrationBoundary>
  );
}
