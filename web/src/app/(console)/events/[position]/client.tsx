'use client';
import type { Event } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { PageBody, PageHeader } from '../../../../components/layout/page-header.tsx';
import { buttonClass } from '../../../../components/ui/button.tsx';
import { CodeBlock } from '../../../../components/ui/code-block.tsx';
import { EmptyState } from '../../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../../components/ui/error-state.tsx';
import { Fact, Facts, Panel } from '../../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../../../components/ui/skeleton.tsx';
import { FiringList } from '../../../../features/automations/firing-list.tsx';
import { EventChain } from '../../../../features/events/event-chain.tsx';
import { EventGraph } from '../../../../features/events/event-graph.tsx';
import { eventColor, thingName } from '../../../../features/events/event-look.ts';
import { eventQueries } from '../../../../features/events/queries.ts';
import { ThingLink } from '../../../../features/events/thing-link.tsx';
import { cn } from '../../../../lib/class-names.ts';
import { paths } from '../../../../lib/paths.ts';
import { api } from '../../../../lib/trpc/client.ts';

export function EventPage({ position }: { position: number }) {
  const event = useQuery(eventQueries(api).at(position));
  if (event.isLoadingError) return <ErrorState error={event.error} onRetry={() => void event.refetch()} />;
  if (event.isPending) return <SkeletonRows />;
  if (event.data === null)
    return (
      <EmptyState title="No event at this place">
        <p>It is older than events are kept, or belongs to another workspace.</p>
        <ToFeed />
      </EmptyState>
    );
  return <Details event={event.data} />;
}

const LOOK_EVERY_MS = 2_000;

/** The same of one whose id is known; looked for again until it is there. */
export function EventOfId({ id, since }: { id: string; since: string | undefined }) {
  const event = useQuery({
    ...eventQueries(api).ofId(id, since),
    refetchInterval: ({ state: { data } }) => (data === null ? LOOK_EVERY_MS : false),
  });
  if (event.isLoadingError) return <ErrorState error={event.error} onRetry={() => void event.refetch()} />;
  if (event.isPending) return <SkeletonRows />;
  if (event.data === null)
    return (
      <EmptyState title="No event of this id">
        <p>It came a moment ago and is shown once it has its place in the feed; or it is older than events are kept.</p>
        <ToFeed />
      </EmptyState>
    );
  return <Details event={event.data} />;
}

const ToFeed = () => (
  <Link href={paths.events()} className={buttonClass()}>
    To the feed
  </Link>
);

function Details({ event }: { event: Event }) {
  const { role: _, ...labels } = event.resource;
  return (
    <>
      <PageHeader
        title={
          <span className="flex items-center gap-2.5">
            <span aria-hidden className={cn('lamp', eventColor(event.name))} />
            <span className="font-mono text-base">{event.name}</span>
          </span>
        }
        description={thingName(event.resource)}
      >
        <Link href={paths.automationFrom(event)} className={buttonClass()}>
          Automate on this
        </Link>
        <Link href={paths.events({ about: event.resource['id'] ?? '' })} className={buttonClass()}>
          All of this thing
        </Link>
      </PageHeader>
      <PageBody>
        <EventGraph event={event} />
        <EventChain event={event} />
        <div className="grid gap-4 lg:grid-cols-2">
          <Panel title="What and when">
            <Facts className="p-4 sm:grid-cols-2">
              <Fact name="Happened">
                <RelativeTime at={event.occurredAt} />
              </Fact>
              <Fact name="Received">
                <RelativeTime at={event.receivedAt} />
              </Fact>
              <Fact name="Place in the feed">{event.position}</Fact>
              <Fact name="Id">
                <code className="text-xs">{event.id}</code>
              </Fact>
              {Object.entries(labels).map(([label, value]) => (
                <Fact key={label} name={`Resource: ${label}`}>
                  {label === 'id' || label === 'name' ? <ThingLink labels={{ ...event.resource, name: value, path: '' }} /> : value}
                </Fact>
              ))}
            </Facts>
          </Panel>
          <Panel title="What had to do with it">
            {event.related.length === 0 ? (
              <p className="p-4 text-sm text-ink-3">Nothing else.</p>
            ) : (
              <ul className="divide-y divide-line">
                {event.related.map((labels) => (
                  <li key={`${labels['role']} ${labels['id']}`} className="flex items-baseline gap-3 px-4 py-2 text-sm">
                    <span className="w-28 shrink-0 text-xs text-ink-3">{labels['role']}</span>
                    <ThingLink labels={labels} className="min-w-0 flex-1" />
                  </li>
                ))}
              </ul>
            )}
          </Panel>
        </div>
        <Panel title="Automations that it fired">
          <FiringList filter={{ event: event.id }} empty="No automation fired on it." />
        </Panel>
        <Panel title="Payload">
          <div className="p-4">
            {Object.keys(event.payload).length === 0 ? (
              <p className="text-sm text-ink-3">Empty.</p>
            ) : (
              <CodeBlock label="Payload as JSON" text={JSON.stringify(event.payload, null, 2)} />
            )}
          </div>
        </Panel>
      </PageBody>
    </>
  );
}
