import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { incidentQueries } from '../../../features/incidents/queries.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../lib/trpc/server.ts';
import { IncidentsPage } from './client.tsx';

export const metadata: Metadata = { title: 'Incidents' };

export default async function Page() {
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchInfiniteQuery(incidentQueries(api).list(false));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <IncidentsPage />
    </HydrationBoundary>
  );
}
