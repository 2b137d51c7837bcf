import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { questionQueries } from '../../../features/questions/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { InboxPage } from './client.tsx';

export const metadata: Metadata = { title: 'Inbox' };

export default async function Page() {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await Promise.all([queryClient.prefetchQuery(questionQueries(api).list())]);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <InboxPage />
    </HydrationBoundary>
  );
}
