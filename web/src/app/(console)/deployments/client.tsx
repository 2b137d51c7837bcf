'use client';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useQueryState } from 'nuqs';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { CodeBlock } from '../../../components/ui/code-block.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Input } from '../../../components/ui/field.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { DeploymentRow } from '../../../features/deployments/deployment-row.tsx';
import { deploymentQueries } from '../../../features/deployments/queries.ts';
import { useLive } from '../../../lib/live/live.tsx';
import { api } from '../../../lib/trpc/client.ts';
import { deploymentSearchParams } from './search-params.ts';

export function DeploymentsPage() {
  const [q, setQ] = useQueryState('q', { ...deploymentSearchParams.q, throttleMs: 200 });
  const deployments = useInfiniteQuery({ ...deploymentQueries(api).list(q), placeholderData: (previous) => previous });
  useLive(
    (event) => event.kind === 'deployment',
    () => void deployments.refetch({ cancelRefetch: false }),
  );
  const items = deployments.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader title="Deployments" description="A flow, where its code is, and how to run it">
        <div className="relative w-full sm:w-64">
          <Search aria-hidden className="pointer-events-none absolute left-2.5 top-2.5 size-3.5 text-ink-3" />
          <Input
            type="search"
            aria-label="Search deployments"
            placeholder="Flow or deployment"
            className="pl-8"
            value={q}
            onChange={(event) => void setQ(event.target.value)}
          />
        </div>
      </PageHeader>
      <PageBody>
        <Panel>
          {deployments.isPending ? (
            <SkeletonRows />
          ) : deployments.isError && items.length === 0 ? (
            <ErrorState error={deployments.error} onRetry={() => void deployments.refetch()} />
          ) : items.length > 0 ? (
            <ul className="divide-y divide-line">
              {items.map((deployment) => (
                <DeploymentRow key={deployment.id} deployment={deployment} />
              ))}
            </ul>
          ) : q ? (
            <EmptyState title={`No deployment is called “${q}”`}>
              <Button onClick={() => void setQ('')}>Show all</Button>
            </EmptyState>
          ) : (
            <EmptyState title="Nothing is deployed yet">
              <p>A deployment tells an agent which flow to run, from which code, on which pool. In the folder of your flow:</p>
              <div className="text-left">
                <CodeBlock label="Command that deploys a flow" text="signalbox deploy flow.ts" />
              </div>
            </EmptyState>
          )}
        </Panel>
        {deployments.hasNextPage && (
          <Button isBusy={deployments.isFetchingNextPage} onClick={() => void deployments.fetchNextPage()}>
            More deployments
          </Button>
        )}
      </PageBody>
    </>
  );
}
