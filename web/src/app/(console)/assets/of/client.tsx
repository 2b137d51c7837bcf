'use client';
import type { Asset, Materialization } from '@signalbox/proto/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, CircleX, ExternalLink, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { toast } from 'sonner';
import { PageBody, PageHeader } from '../../../../components/layout/page-header.tsx';
import { Button } from '../../../../components/ui/button.tsx';
import { ConfirmDialog } from '../../../../components/ui/confirm-dialog.tsx';
import { ErrorState } from '../../../../components/ui/error-state.tsx';
import { Fact, Facts, Panel } from '../../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../../../components/ui/skeleton.tsx';
import { AssetFreshness } from '../../../../features/assets/asset-freshness.tsx';
import { AssetLineage } from '../../../../features/assets/asset-graph.tsx';
import { assetQueries } from '../../../../features/assets/queries.ts';
import { May, useSession } from '../../../../features/shell/session.tsx';
import { SlaPanel } from '../../../../features/slas/sla-panel.tsx';
import { paths } from '../../../../lib/paths.ts';
import { api } from '../../../../lib/trpc/client.ts';
import { readError } from '../../../../lib/trpc/errors.ts';
import Loading from './loading.tsx';

export function AssetPage({ uri }: { uri: string }) {
  const asset = useQuery(assetQueries(api).detail(uri));
  if (asset.data) return <AssetView asset={asset.data} />;
  return asset.isError ? <ErrorState error={asset.error} onRetry={() => void asset.refetch()} /> : <Loading />;
}

function AssetView({ asset }: { asset: Asset }) {
  const { uri } = asset;
  const graph = useQuery(assetQueries(api).graph(uri));
  const history = useQuery(assetQueries(api).materializations(uri));
  const mayDelete = useSession().me.scopes.includes('assets:write');
  return (
    <>
      <title>{`${asset.name ?? uri} · Signalbox`}</title>
      <PageHeader title={asset.name ?? uri} description={asset.description ?? (asset.name ? uri : undefined)}>
        {mayDelete && <DeleteAsset uri={uri} />}
      </PageHeader>
      <PageBody>
        <Panel>
          <Facts className="p-4 sm:grid-cols-2 lg:grid-cols-4">
            <Fact name="Freshness">
              <AssetFreshness asset={asset} />
            </Fact>
            <Fact name="URI">
              <code className="font-mono text-xs">{uri}</code>
            </Fact>
            <Fact name="Owners">{asset.owners.join(', ') || 'nobody is named'}</Fact>
            <Fact name="Where to look">
              {asset.url && /^https?:/.test(asset.url) ? (
                <a
                  href={asset.url}
                  target="_blank"
                  rel="noreferrer noopener"
                  className="inline-flex items-center gap-1.5 text-accent hover:underline"
                >
                  {asset.url}
                  <ExternalLink aria-hidden className="size-3.5" />
                </a>
              ) : (
                (asset.url ?? 'not said')
              )}
            </Fact>
          </Facts>
        </Panel>
        <Panel title="Lineage">
          {graph.data ? (
            <AssetLineage graph={graph.data} uri={uri} />
          ) : graph.isError ? (
            <ErrorState error={graph.error} onRetry={() => void graph.refetch()} />
          ) : (
            <SkeletonRows count={3} />
          )}
        </Panel>
        <May scope="deployments:read">
          <SlaPanel about={{ asset: uri }} />
        </May>
        <Panel title="Last times it was made">
          {history.data ? (
            <MaterializationList items={history.data.items} />
          ) : history.isError ? (
            <ErrorState error={history.error} onRetry={() => void history.refetch()} />
          ) : (
            <SkeletonRows count={3} />
          )}
        </Panel>
      </PageBody>
    </>
  );
}

function MaterializationList({ items }: { items: readonly Materialization[] }) {
  if (items.length === 0)
    return <p className="px-4 py-6 text-center text-sm text-ink-3">No task of this workspace has made it: others are made from it.</p>;
  return (
    <ul className="divide-y divide-line">
      {items.map(({ at, outcome, run, runName, flow, taskRun, metadata }) => (
        <li
          key={`${run} ${at}`}
          className="grid items-center gap-x-4 gap-y-0.5 px-4 py-2.5 md:grid-cols-[8rem_minmax(0,1fr)_minmax(0,1fr)_6rem]"
        >
          <span className="flex items-center gap-1.5 text-sm">
            {outcome === 'failed' ? (
              <CircleX aria-hidden className="size-4 text-danger" />
            ) : (
              <CircleCheck aria-hidden className="size-4 text-good" />
            )}
            {outcome}
          </span>
          <span className="min-w-0 truncate text-sm">
            <Link href={paths.run(run)} className="font-medium hover:underline">
              {runName || run}
            </Link>
            <span className="text-ink-3">
              {' '}
              · {flow} / {taskRun}
            </span>
          </span>
          <code className="truncate font-mono text-xs text-ink-2">{Object.keys(metadata).length > 0 && JSON.stringify(metadata)}</code>
          <span className="text-xs text-ink-3 md:text-right">
            <RelativeTime at={at} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function DeleteAsset({ uri }: { uri: string }) {
  const [isOpen, setOpen] = useState(false);
  const router = useRouter();
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.assets.delete.mutate({ uri }),
    onSuccess: () => {
      toast.success('The asset is deleted');
      queryClient.removeQueries({ queryKey: ['assets'] });
      router.push(paths.assets);
    },
    onError: (error) => toast.error('Could not delete the asset', { description: readError(error).message }),
    onSettled: () => setOpen(false),
  });
  return (
    <>
      <Button variant="quiet" size="icon" aria-label="Delete the asset" onClick={() => setOpen(true)}>
        <Trash2 aria-hidden className="size-4" />
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title="Delete this asset?"
        confirmLabel="Delete the asset"
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      >
        Its history and lineage go with it. What it names stays where it is, and the asset comes back when it is made again.
      </ConfirmDialog>
    </>
  );
}
