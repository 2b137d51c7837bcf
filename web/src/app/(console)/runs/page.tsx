import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { runQueries } from '../../../features/runs/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { RunsPage } from './client.tsx';
import { loadRunFilter } from './search-params.ts';

export const metadata: Metadata = { title: 'Runs' };

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchInfiniteQuery(runQueries(api).list(await loadRunFilter(searchParams)));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <RunsPage />
    </HydrationBoundary>
  );
}
