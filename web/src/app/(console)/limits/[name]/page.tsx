import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { limitQueries } from '../../../../features/limits/queries.ts';
import { makeQueryClient } from '../../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../../lib/trpc/server.ts';
import { LimitPage } from './client.tsx';

export const metadata: Metadata = { title: 'Limit' };

export default async function Page({ params }: { params: Promise<{ name: string }> }) {
  const name = decodeURIComponent((await params).name);
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  const queries = limitQueries(api);
  await Promise.all([
    queryClient.prefetchQuery(queries.detail(name)),
    queryClient.prefetchQuery(queries.holders(name)),
    queryClient.prefetchQuery(queries.waiters(name)),
  ]);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <LimitPage name={name} />
    </HydrationBoundary>
  );
}
