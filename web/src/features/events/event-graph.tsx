'use client';
/** What led to an event, on its left, and what came of it: other events, and what automations did. */
import type { Event, EventGraphNode } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, CircleDashed, CircleSlash } from 'lucide-react';
import Link from 'next/link';
import { useMemo } from 'react';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { ScrollRegion } from '../../components/ui/scroll-region.tsx';
import { centerInRegion } from '../../lib/center-in-region.ts';
import { cn } from '../../lib/class-names.ts';
import { formatDuration } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { placeGraph } from '../../lib/place-graph.ts';
import { api } from '../../lib/trpc/client.ts';
import { ACTION_FORMS } from '../automations/action-fields.ts';
import { eventColor, thingHref, thingName } from './event-look.ts';
import { eventQueries } from './queries.ts';

const SIZE = { width: 212, height: 66 };
const STATUS = {
  waiting: { icon: CircleDashed, color: 'text-(--state-pending)', word: 'waits' },
  done: { icon: CircleCheck, color: 'text-good', word: 'done' },
  failed: { icon: CircleAlert, color: 'text-danger', word: 'gave up' },
  skipped: { icon: CircleSlash, color: 'text-ink-3', word: 'skipped' },
} as const;

export function EventGraph({ event }: { event: Event }) {
  const graph = useQuery(eventQueries(api).graph(event));
  return (
    <Panel title="Causes and effects">
      {graph.isPending ? (
        <div aria-hidden className="m-4 h-16 animate-pulse rounded-sm bg-sunken" />
      ) : graph.isLoadingError ? (
        <ErrorState error={graph.error} onRetry={() => void graph.refetch()} />
      ) : graph.data.edges.length === 0 ? (
        <p className="p-4 text-sm text-ink-3">Nothing is known to have led to it, and nothing came of it.</p>
      ) : (
        <Picture {...graph.data} event={event} />
      )}
    </Panel>
  );
}

type Edges = readonly { readonly from: string; readonly to: string }[];

function Picture({ nodes, edges, isCut, event }: { nodes: readonly EventGraphNode[]; edges: Edges; isCut: boolean; event: Event }) {
  const picture = useMemo(() => placeGraph(nodes, edges, ({ key }) => key, SIZE), [nodes, edges]);
  return (
    <>
      <ScrollRegion label="Graph of causes and effects" className="max-h-[28rem] overflow-auto">
        <div className="relative mx-auto" style={{ width: picture.width, height: picture.height }}>
          <svg
            aria-hidden
            width={picture.width}
            height={picture.height}
            className="absolute inset-0 text-line-strong"
            fill="none"
            stroke="currentColor"
          >
            {picture.edges.map(({ key, d }) => (
              <path key={key} d={d} strokeWidth="1.5" />
            ))}
          </svg>
          <ul aria-label="Causes and effects">
            {picture.placed.map(({ node, x, y, ...size }) => (
              <li
                key={node.key}
                ref={node.key === event.id ? centerInRegion : undefined}
                className="absolute"
                style={{ left: x, top: y, ...size }}
              >
                {node.kind === 'event' ? <EventNode node={node} thisAt={event} /> : <ActionNode node={node} />}
              </li>
            ))}
          </ul>
        </div>
      </ScrollRegion>
      {isCut && (
        <p className="border-t border-line px-4 py-2 text-xs text-ink-3">
          There may be more than fits a picture: go on from an event at its edge.
        </p>
      )}
    </>
  );
}

const BOX = 'flex h-full flex-col justify-center rounded-md border px-2.5 py-1 hover:bg-hover';

function EventNode({ node: { event }, thisAt }: { node: Extract<EventGraphNode, { kind: 'event' }>; thisAt: Event }) {
  const isThis = event.id === thisAt.id;
  const awayMs = Date.parse(event.occurredAt) - Date.parse(thisAt.occurredAt);
  return (
    <Link
      href={paths.event(event.position)}
      title={event.name}
      aria-current={isThis ? 'page' : undefined}
      className={cn(BOX, 'bg-surface', isThis ? 'border-ink' : 'border-line-strong')}
    >
      <span className="flex min-w-0 items-center gap-1.5">
        <span aria-hidden className={cn('lamp shrink-0', eventColor(event.name))} />
        <span className="truncate font-mono text-xs font-medium">{event.name}</span>
      </span>
      <span className="block truncate text-xs text-ink-2">{thingName(event.resource)}</span>
      <span className="block truncate text-2xs text-ink-3">
        {isThis ? 'this one' : awayMs === 0 ? 'at once' : `${formatDuration(Math.abs(awayMs))} ${awayMs < 0 ? 'before' : 'after'}`}
      </span>
    </Link>
  );
}

function ActionNode({ node }: { node: Extract<EventGraphNode, { kind: 'action' }> }) {
  const { type, status, message, automation, target } = node;
  const { icon: Icon, color, word } = STATUS[status];
  return (
    <Link
      href={(target && thingHref(target)) ?? paths.automation(automation.id)}
      title={message ?? undefined}
      className={cn(BOX, 'border-dashed border-line-strong bg-sunken')}
    >
      <span className="flex min-w-0 items-center gap-1.5">
        <Icon aria-hidden className={cn('size-3.5 shrink-0', color)} />
        <span className="truncate text-xs font-medium">
          {ACTION_FORMS[type as keyof typeof ACTION_FORMS]?.label ?? type}: {word}
        </span>
      </span>
      <span className="block truncate text-xs text-ink-2">{message}</span>
      <span className="block truncate text-2xs text-ink-3">by {automation.name}</span>
    </Link>
  );
}
