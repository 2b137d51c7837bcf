'use client';
import type { UpcomingFire } from '@signalbox/proto/api';
import { CircleCheck, CircleSlash } from 'lucide-react';
import type { ReactNode } from 'react';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { formatExact } from '../../lib/format.ts';

interface FireListProps {
  fires: readonly UpcomingFire[];
  timezone: string;
  action?: (fire: UpcomingFire) => ReactNode;
}

/** Coming instants in the schedule's zone and the reader's, each with what becomes of it and why. */
export function FireList({ fires, timezone, action }: FireListProps) {
  if (fires.length === 0) return <p className="text-sm text-ink-3">It never fires.</p>;
  return (
    <ol className="divide-y divide-line text-xs">
      {fires.map((fire) => (
        <li key={fire.at} className="flex items-start gap-2 py-1.5">
          {fire.fires ? (
            <CircleCheck aria-label="Fires" className="mt-0.5 size-3.5 shrink-0 text-good" />
          ) : (
            <CircleSlash aria-label="Does not fire" className="mt-0.5 size-3.5 shrink-0 text-warn" />
          )}
          <span className="min-w-0 flex-1">
            <span className={fire.fires ? 'font-mono' : 'font-mono text-ink-3 line-through'}>{fire.local}</span>{' '}
            <span className="text-ink-3">
              {timezone} · <span suppressHydrationWarning>{formatExact(fire.at).slice(0, 16)}</span> here · <RelativeTime at={fire.at} />
            </span>
            {fire.dueAt !== fire.at && fire.fires && (
              <span className="block text-ink-2">starts at {fire.dueAt.slice(11, 19)} UTC, by its jitter</span>
            )}
            {fire.reason && <span className="block text-ink-2">{fire.reason}</span>}
          </span>
          {action?.(fire)}
        </li>
      ))}
    </ol>
  );
}
