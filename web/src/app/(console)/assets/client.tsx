'use client';
import type { Asset } from '@signalbox/proto/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useDeferredValue, useState } from 'react';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { CodeBlock } from '../../../components/ui/code-block.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Input } from '../../../components/ui/field.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { AssetFreshness } from '../../../features/assets/asset-freshness.tsx';
import { assetQueries } from '../../../features/assets/queries.ts';
import { paths } from '../../../lib/paths.ts';
import { api } from '../../../lib/trpc/client.ts';

export function AssetsPage() {
  const [text, setText] = useState('');
  const assets = useInfiniteQuery(assetQueries(api).list(useDeferredValue(text.trim())));
  const items = assets.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader title="Assets" description="What tasks make outside: when it was made, and from what" />
      <PageBody>
        <Input
          aria-label="Find an asset"
          placeholder="Part of the URI or the name"
          className="max-w-xs"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Panel>
          {assets.isPending ? (
            <SkeletonRows />
          ) : assets.isError ? (
            <ErrorState error={assets.error} onRetry={() => void assets.refetch()} />
          ) : items.length === 0 ? (
            <EmptyState title={text ? 'No asset has this in its name' : 'No asset yet'}>
              <p>Name what a task makes, and it shows here with its freshness, its history and what it was made from.</p>
              <div className="text-left">
                <CodeBlock label="Example" text={"task({ name: 'load', assets: ['s3://lake/orders'] }, async (rows) => { ... });"} />
              </div>
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line">
              {items.map((asset) => (
                <AssetRow key={asset.uri} asset={asset} />
              ))}
            </ul>
          )}
          {assets.hasNextPage && (
            <p className="border-t border-line p-2 text-center">
              <Button variant="quiet" isBusy={assets.isFetchingNextPage} onClick={() => void assets.fetchNextPage()}>
                Show more
              </Button>
            </p>
          )}
        </Panel>
      </PageBody>
    </>
  );
}

function AssetRow({ asset }: { asset: Asset }) {
  return (
    <li className="relative grid grid-cols-[minmax(0,1fr)] items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-hover md:grid-cols-[minmax(0,1.6fr)_minmax(0,1fr)_8rem]">
      <div className="min-w-0">
        <Link href={paths.asset(asset.uri)} className="block truncate text-sm font-medium -outline-offset-2 after:absolute after:inset-0">
          {asset.name ?? asset.uri}
        </Link>
        <span className="block truncate font-mono text-xs text-ink-3">{asset.name ? asset.uri : (asset.description ?? '')}</span>
      </div>
      <AssetFreshness asset={asset} />
      <span className="text-xs text-ink-3 md:text-right">
        from {asset.upstream} · into {asset.downstream}
      </span>
    </li>
  );
}
