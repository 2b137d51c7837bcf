'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { buttonClass } from '../../../components/ui/button.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { AgentList } from '../../../features/agents/agent-list.tsx';
import { agentQueries } from '../../../features/agents/queries.ts';
import { useLive } from '../../../lib/live/live.tsx';
import { paths } from '../../../lib/paths.ts';
import { api } from '../../../lib/trpc/client.ts';

export function AgentsPage() {
  // Occupancy and the time last seen move without an event of their own.
  const agents = useQuery({ ...agentQueries(api).list(), refetchInterval: 10_000 });
  useLive(
    (event) => event.kind === 'agent',
    () => void agents.refetch({ cancelRefetch: false }),
  );
  return (
    <>
      <PageHeader title="Agents" description="Processes in your network that execute runs" />
      <PageBody>
        <Panel>
          {agents.isPending ? (
            <SkeletonRows />
          ) : agents.isError ? (
            <ErrorState error={agents.error} onRetry={() => void agents.refetch()} />
          ) : agents.data.items.length > 0 ? (
            <AgentList agents={agents.data.items} />
          ) : (
            <EmptyState title="No agent has joined yet">
              <p>An agent serves one work pool. Open the pool and choose “Install an agent”: it shows the one command to run.</p>
              <Link href={paths.workPools} className={buttonClass()}>
                Go to work pools
              </Link>
            </EmptyState>
          )}
        </Panel>
      </PageBody>
    </>
  );
}
