import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { flowQueries } from '../../../features/deployments/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { FlowsPage } from './client.tsx';

export const metadata: Metadata = { title: 'Flows' };

export default async function Page() {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(flowQueries(api).list());
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <FlowsPage />
    </HydrationBoundary>
  );
}
