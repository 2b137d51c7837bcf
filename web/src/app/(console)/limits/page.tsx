import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { limitQueries } from '../../../features/limits/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { LimitsPage } from './client.tsx';

export const metadata: Metadata = { title: 'Limits' };

export default async function Page() {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(limitQueries(api).list());
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <LimitsPage />
    </HydrationBoundary>
  );
}
