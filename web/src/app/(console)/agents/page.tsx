import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { agentQueries } from '../../../features/agents/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireMe, serverApi } from '../../../lib/trpc/server.ts';
import { AgentsPage } from './client.tsx';

export const metadata: Metadata = { title: 'Agents' };

export default async function Page() {
  await requireMe();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(agentQueries(await serverApi()).list());
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <AgentsPage />
    </HydrationBoundary>
  );
}
