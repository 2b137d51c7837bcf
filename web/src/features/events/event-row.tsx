import type { Event } from '@signalbox/proto/api';
import Link from 'next/link';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { cn } from '../../lib/class-names.ts';
import { paths } from '../../lib/paths.ts';
import { eventColor, thingName } from './event-look.ts';

/** One line of the feed; all of it leads to the event. */
export function EventRow({ event }: { event: Event }) {
  const message = event.payload['message'];
  const beside = event.related.filter(({ role }) => role === 'deployment' || role === 'work-pool' || role === 'actor').map(thingName);
  return (
    <li className="relative grid grid-cols-[auto_minmax(0,1fr)_auto] items-baseline gap-x-3 px-4 py-2 text-sm hover:bg-hover lg:grid-cols-[auto_minmax(0,15rem)_minmax(0,1fr)_minmax(0,14rem)_7rem]">
      <span aria-hidden className={cn('lamp self-center', eventColor(event.name))} />
      <Link
        href={paths.event(event.position)}
        className="truncate font-mono text-xs font-medium -outline-offset-2 after:absolute after:inset-0"
      >
        {event.name}
      </Link>
      <span className="col-start-2 min-w-0 truncate lg:col-start-auto">
        {thingName(event.resource)}
        {typeof message === 'string' && message && <span className="ml-2 text-ink-3">{message}</span>}
      </span>
      <span className="hidden truncate text-ink-2 lg:block">{beside.join(' · ')}</span>
      <span className="col-start-3 row-start-1 text-right text-xs text-ink-3 lg:col-start-auto lg:row-start-auto">
        <RelativeTime at={event.occurredAt} />
      </span>
    </li>
  );
}
