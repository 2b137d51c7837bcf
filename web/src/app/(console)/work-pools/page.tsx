import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { workPoolQueries } from '../../../features/work-pools/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireMe, serverApi } from '../../../lib/trpc/server.ts';
import { WorkPoolsPage } from './client.tsx';

export const metadata: Metadata = { title: 'Work pools' };

export default async function Page() {
  await requireMe();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(workPoolQueries(await serverApi()).list());
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <WorkPoolsPage />
    </HydrationBoundary>
  );
}
