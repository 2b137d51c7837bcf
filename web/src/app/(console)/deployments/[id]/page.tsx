import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { deploymentQueries } from '../../../../features/deployments/queries.ts';
import { makeQueryClient } from '../../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../../lib/trpc/server.ts';
import { DeploymentPage } from './client.tsx';

export const metadata: Metadata = { title: 'Deployment' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  await queryClient.prefetchQuery(deploymentQueries(api).detail(id));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <DeploymentPage id={id} />
    </HydrationBoundary>
  );
}
