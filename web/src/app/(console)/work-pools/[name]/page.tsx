import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { agentQueries } from '../../../../features/agents/queries.ts';
import { workPoolQueries } from '../../../../features/work-pools/queries.ts';
import { makeQueryClient } from '../../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../../lib/trpc/server.ts';
import { WorkPoolPage } from './client.tsx';

export const metadata: Metadata = { title: 'Work pool' };

export default async function Page({ params }: { params: Promise<{ name: string }> }) {
  const name = decodeURIComponent((await params).name);
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await Promise.all([
    queryClient.prefetchQuery(workPoolQueries(api).detail(name)),
    queryClient.prefetchQuery(agentQueries(api).list(name)),
  ]);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <WorkPoolPage name={name} />
    </HydrationBoundary>
  );
}
