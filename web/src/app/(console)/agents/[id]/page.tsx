import type { Agent } from '@signalbox/proto/api';
import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { agentQueries } from '../../../../features/agents/queries.ts';
import { makeQueryClient } from '../../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../../lib/trpc/server.ts';
import { AgentPage } from './client.tsx';

export const metadata: Metadata = { title: 'Agent' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const id = (await params).id as Agent['id'];
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(agentQueries(api).detail(id));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <AgentPage id={id} />
    </HydrationBoundary>
  );
}
