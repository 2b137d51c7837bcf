import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { assetQueries } from '../../../../features/assets/queries.ts';
import { paths } from '../../../../lib/paths.ts';
import { makeQueryClient } from '../../../../lib/trpc/query-client.ts';
import { requireSession } from '../../../../lib/trpc/server.ts';
import { AssetPage } from './client.tsx';

export const metadata: Metadata = { title: 'Asset' };

/** The URI is a parameter: as part of a path its slashes would be taken for ours. */
export default async function Page({ searchParams }: { searchParams: Promise<{ uri?: string }> }) {
  const { uri } = await searchParams;
  if (typeof uri !== 'string' || uri === '') redirect(paths.assets);
  const { api } = await requireSession();
  const queryClient = makeQueryClient();
  const queries = assetQueries(api);
  await Promise.all([
    queryClient.prefetchQuery(queries.detail(uri)),
    queryClient.prefetchQuery(queries.graph(uri)),
    queryClient.prefetchQuery(queries.materializations(uri)),
  ]);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <AssetPage uri={uri} />
    </HydrationBoundary>
  );
}
