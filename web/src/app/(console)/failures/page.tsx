import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { failureQueries } from '../../../features/failures/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { FailuresPage } from './client.tsx';

export const metadata: Metadata = { title: 'Failures' };

export default async function Page() {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(failureQueries(api).list('open'));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <FailuresPage />
    </HydrationBoundary>
  );
}
