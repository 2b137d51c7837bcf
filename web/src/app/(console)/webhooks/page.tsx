import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { webhookQueries } from '../../../features/webhooks/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { WebhooksPage } from './client.tsx';

export const metadata: Metadata = { title: 'Webhooks' };

export default async function Page() {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(webhookQueries(api).list());
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <WebhooksPage />
    </HydrationBoundary>
  );
}
