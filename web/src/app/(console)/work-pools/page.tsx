import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { workPoolQueries } from '../../../features/work-pools/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { WorkPoolsPage } from './client.tsx';

export const metadata: Metadata = { title: 'Work pools' };

export default async function Page() {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(workPoolQueries(api).list());
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <WorkPoolsPage />
    </HydrationBoundary>
  );
}
