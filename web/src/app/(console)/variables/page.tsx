import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { variableQueries } from '../../../features/variables/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { VariablesPage } from './client.tsx';

export const metadata: Metadata = { title: 'Variables' };

export default async function Page() {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await Promise.all([queryClient.prefetchQuery(variableQueries(api).list(''))]);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <VariablesPage />
    </HydrationBoundary>
  );
}
