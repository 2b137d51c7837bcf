import type { FailureGroup } from '@signalbox/proto/api';
import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { failureQueries } from '../../../../features/failures/queries.ts';
import { makeQueryClient } from '../../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../../lib/trpc/server.ts';
import { FailurePage } from './client.tsx';

export const metadata: Metadata = { title: 'Failure' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const id = decodeURIComponent((await params).id) as FailureGroup['id'];
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(failureQueries(api).detail(id));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <FailurePage id={id} />
    </HydrationBoundary>
  );
}
