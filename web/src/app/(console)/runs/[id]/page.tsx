import { isId } from '@signalbox/proto';
import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { runQueries } from '../../../../features/runs/queries.ts';
import { makeQueryClient } from '../../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../../lib/trpc/server.ts';
import { RunPage } from './client.tsx';

export const metadata: Metadata = { title: 'Run' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  if (!isId('run', id)) notFound();
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(runQueries(api).detail(id));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <RunPage id={id} />
    </HydrationBoundary>
  );
}
