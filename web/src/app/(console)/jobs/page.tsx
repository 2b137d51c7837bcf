import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { bulkQueries } from '../../../features/bulk/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { JobsPage } from './client.tsx';

export const metadata: Metadata = { title: 'Bulk jobs' };

export default async function Page() {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(bulkQueries(api).list());
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <JobsPage />
    </HydrationBoundary>
  );
}
