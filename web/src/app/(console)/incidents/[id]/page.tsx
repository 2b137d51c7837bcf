import type { Incident } from '@signalbox/proto/api';
import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { incidentQueries } from '../../../../features/incidents/queries.ts';
import { makeQueryClient } from '../../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../../lib/trpc/server.ts';
import { IncidentPage } from './client.tsx';

export const metadata: Metadata = { title: 'Incident' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const id = decodeURIComponent((await params).id) as Incident['id'];
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(incidentQueries(api).detail(id));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <IncidentPage id={id} />
    </HydrationBoundary>
  );
}
