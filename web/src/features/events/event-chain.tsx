'use client';
/** What happened around an event to the same thing, and to what it had to do with, as stations of a track. */
import type { Event } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { Panel } from '../../components/ui/panel.tsx';
import { ScrollRegion } from '../../components/ui/scroll-region.tsx';
import { cn } from '../../lib/class-names.ts';
import { formatDuration } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { eventColor, thingName } from './event-look.ts';
import { eventQueries } from './queries.ts';

const SHOWN = 4;

/** As it happened; what happened at once, as it was received. */
const byTime = (a: Event, b: Event) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt) || a.position - b.position;

export function EventChain({ event }: { event: Event }) {
  const around = useQuery(eventQueries(api).around(event.resource['id'] ?? '', event.position));
  const { before, after } = around.data ?? { before: [], after: [] };
  // What it says it follows comes first; then what is nearest.
  const causes = [
    ...before.filter(({ id }) => id === event.follows),
    ...before.filter(({ id }) => id !== event.follows).slice(-SHOWN),
  ].slice(-SHOWN);
  const effects = [...after.filter(({ follows }) => follows === event.id), ...after.filter(({ follows }) => follows !== event.id)].slice(
    0,
    SHOWN,
  );
  return (
    <Panel title="Before and after">
      {around.isPending ? (
        <div aria-hidden className="m-4 h-24 animate-pulse rounded-sm bg-sunken" />
      ) : (
        <ScrollRegion label="Events around this one" className="overflow-x-auto">
          <ol className="flex min-w-max items-stretch gap-0 p-4">
            {[...causes, event, ...effects].sort(byTime).map((each, index) => (
              <Station key={each.position} event={each} isThis={each.position === event.position} isFirst={index === 0} thisAt={event} />
            ))}
          </ol>
        </ScrollRegion>
      )}
      {around.isSuccess && causes.length + effects.length === 0 && (
        <p className="px-4 pb-4 text-sm text-ink-3">Nothing else is known of {thingName(event.resource)}.</p>
      )}
    </Panel>
  );
}

function Station({ event, isThis, isFirst, thisAt }: { event: Event; isThis: boolean; isFirst: boolean; thisAt: Event }) {
  const awayMs = Date.parse(event.occurredAt) - Date.parse(thisAt.occurredAt);
  return (
    <li className="relative w-44 shrink-0 pr-4 pt-5">
      <span aria-hidden className={cn('absolute right-0 top-[7px] h-px bg-line-strong', isFirst ? 'left-2' : 'left-0')} />
      <span aria-hidden className={cn('lamp absolute left-1 top-0.5', eventColor(event.name), isThis && 'ring-4 ring-accent-soft')} />
      <Link
        href={paths.event(event.position)}
        aria-current={isThis ? 'page' : undefined}
        className={cn('block truncate font-mono text-xs', isThis ? 'font-semibold' : 'underline decoration-line-strong underline-offset-2')}
      >
        {event.name}
      </Link>
      <span className="block truncate text-xs text-ink-2">{thingName(event.resource)}</span>
      <span className="block text-2xs text-ink-3">
        {isThis ? 'this one' : `${formatDuration(Math.abs(awayMs))} ${awayMs < 0 ? 'before' : 'after'}`}
      </span>
    </li>
  );
}
