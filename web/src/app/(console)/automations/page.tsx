import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { automationQueries } from '../../../features/automations/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { AutomationsPage } from './client.tsx';

export const metadata: Metadata = { title: 'Automations' };

export default async function Page() {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchInfiniteQuery(automationQueries(api).list(''));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <AutomationsPage />
    </HydrationBoundary>
  );
}
