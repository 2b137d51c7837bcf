import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { deploymentQueries } from '../../../features/deployments/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { DeploymentsPage } from './client.tsx';
import { loadDeploymentSearch } from './search-params.ts';

export const metadata: Metadata = { title: 'Deployments' };

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { api } = await requireSession();
  const { q } = await loadDeploymentSearch(searchParams);
  const queryClient = makeQueryClient();
  await queryClient.prefetchInfiniteQuery(deploymentQueries(api).list(q));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <DeploymentsPage />
    </HydrationBoundary>
  );
}
