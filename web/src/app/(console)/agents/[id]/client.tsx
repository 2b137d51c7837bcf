'use client';
import type { Agent } from '@signalbox/proto/api';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { PageBody, PageHeader } from '../../../../components/layout/page-header.tsx';
import { ErrorState } from '../../../../components/ui/error-state.tsx';
import { Panel } from '../../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../../../components/ui/skeleton.tsx';
import { hostText } from '../../../../features/agents/agent-list.tsx';
import { AgentMenu } from '../../../../features/agents/agent-menu.tsx';
import { AgentStatus } from '../../../../features/agents/agent-status.tsx';
import { agentQueries } from '../../../../features/agents/queries.ts';
import { NO_EVENT_FILTER } from '../../../../features/events/event-filter.ts';
import { EventRow } from '../../../../features/events/event-row.tsx';
import { eventQueries } from '../../../../features/events/queries.ts';
import { May } from '../../../../features/shell/session.tsx';
import { SlotList } from '../../../../features/work-pools/slot-list.tsx';
import { SlotMeter } from '../../../../features/work-pools/slot-meter.tsx';
import { cn } from '../../../../lib/class-names.ts';
import { formatBytes, formatClockOffset } from '../../../../lib/format.ts';
import { useLive } from '../../../../lib/live/live.tsx';
import { paths } from '../../../../lib/paths.ts';
import { api } from '../../../../lib/trpc/client.ts';
import Loading from './loading.tsx';

export function AgentPage({ id }: { id: Agent['id'] }) {
  // Occupancy and the time last seen move without an event of their own.
  const agent = useQuery({ ...agentQueries(api).detail(id), refetchInterval: 5_000 });
  useLive(
    (event) => event.kind === 'agent',
    () => void agent.refetch({ cancelRefetch: false }),
  );
  if (agent.data) return <AgentView agent={agent.data} />;
  return agent.isError ? <ErrorState error={agent.error} onRetry={() => void agent.refetch()} /> : <Loading />;
}

function AgentView({ agent }: { agent: Agent }) {
  return (
    <>
      <title>{`${agent.name} · Signalbox`}</title>
      <PageHeader title={agent.name} description={<AgentStatus status={agent.status} />}>
        <AgentMenu agent={agent} />
      </PageHeader>
      <PageBody>
        <dl aria-label="Facts" className="grid gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-2 lg:grid-cols-4">
          <Fact name="Work pool">
            <Link href={paths.workPool(agent.pool.name)} className="hover:text-accent hover:underline">
              {agent.pool.name}
            </Link>
          </Fact>
          <Fact name="Slots">
            {agent.slots === null ? 'not known' : <SlotMeter held={agent.held} limit={agent.slots} label="slots taken" />}
          </Fact>
          <Fact name="Last proof of life">{agent.lastSeenAt ? <RelativeTime at={agent.lastSeenAt} /> : 'never'}</Fact>
          <Fact name="Version">{agent.version ?? 'not known'}</Fact>
          <Fact name="Machine">{hostText(agent)}</Fact>
          <Fact name="Its clock">{agent.clockOffsetMs === null ? 'not known' : formatClockOffset(agent.clockOffsetMs)}</Fact>
          <Fact name="Journal to report">{agent.spoolBytes === null ? 'not known' : formatBytes(agent.spoolBytes)}</Fact>
          <Fact name="Enrolled">
            {agent.enrolled?.by ?? agent.enrolled?.via ?? 'not known'}
            {agent.enrolled?.from ? `, from ${agent.enrolled.from}` : ''}, <RelativeTime at={agent.createdAt} />
          </Fact>
          <Fact name="Id" className="sm:col-span-2 lg:col-span-4">
            <code className="break-all text-xs">{agent.id}</code>
          </Fact>
        </dl>
        <SlotList pool={{ name: agent.pool.name, waiting: 0 }} agent={agent.id} />
        <May scope="events:read">
          <AgentEvents id={agent.id} />
        </May>
      </PageBody>
    </>
  );
}

function Fact({ name, className, children }: { name: string; className?: string; children: ReactNode }) {
  return (
    <div className={cn('min-w-0 bg-surface px-4 py-3', className)}>
      <dt className="text-xs text-ink-3">{name}</dt>
      <dd className="mt-1 text-sm">{children}</dd>
    </div>
  );
}

/** What happened to it, and what people did to it. */
function AgentEvents({ id }: { id: Agent['id'] }) {
  const events = useInfiniteQuery(eventQueries(api).list({ ...NO_EVENT_FILTER, range: '30d', about: id }));
  const items = events.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel title="Events">
      {events.isPending ? (
        <SkeletonRows />
      ) : events.isError ? (
        <ErrorState error={events.error} onRetry={() => void events.refetch()} />
      ) : items.length === 0 ? (
        <p className="px-4 py-6 text-center text-sm text-ink-3">Nothing in the last 30 days.</p>
      ) : (
        <ul className="divide-y divide-line">
          {items.slice(0, 20).map((event) => (
            <EventRow key={event.position} event={event} />
          ))}
        </ul>
      )}
    </Panel>
  );
}
