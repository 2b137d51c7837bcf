import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { agentQueries } from '../../../features/agents/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { AgentsPage } from './client.tsx';

export const metadata: Metadata = { title: 'Agents' };

export default async function Page() {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(agentQueries(api).list());
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <AgentsPage />
    </HydrationBoundary>
  );
}
