import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { automationQueries } from '../../../../features/automations/queries.ts';
import { makeQueryClient } from '../../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../../lib/trpc/server.ts';
import { AutomationPage } from './client.tsx';

export const metadata: Metadata = { title: 'Automation' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const id = decodeURIComponent((await params).id);
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  const queries = automationQueries(api);
  await Promise.all([
    queryClient.prefetchQuery(queries.detail(id)),
    queryClient.prefetchInfiniteQuery(queries.firings({ automation: id })),
  ]);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <AutomationPage id={id} />
    </HydrationBoundary>
  );
}
