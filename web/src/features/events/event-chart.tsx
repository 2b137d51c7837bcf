'use client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { TimeBars } from '../../components/ui/time-bars.tsx';
import { formatExact, plural } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import type { EventFilter } from './event-filter.ts';
import { eventQueries } from './queries.ts';

/** Events over time, as many as the filter fits; a stretch of it can be chosen. */
export function EventChart({ filter, onChoose }: { filter: EventFilter; onChoose: (range: { after: string; before: string }) => void }) {
  const counted = useQuery({ ...eventQueries(api).bars(filter), placeholderData: keepPreviousData });
  if (counted.isLoadingError) return <p className="h-[76px] text-xs text-ink-3">No chart: {readError(counted.error).message}</p>;
  if (!counted.data) return <div aria-hidden className="h-[76px] animate-pulse rounded-sm bg-sunken" />;
  const { bars, barMs, since } = counted.data;
  const sum = (some: typeof bars) => some.reduce((all, { count }) => all + count, 0);
  return (
    <>
      <TimeBars
        bars={bars.map(({ from, count }) => ({ from, parts: [{ key: 'events', count, color: 'text-accent' }] }))}
        barMs={barMs}
        label={`${plural(sum(bars), 'event')} over time`}
        describe={(first, last) => plural(sum(bars.slice(first, last + 1)), 'event')}
        onChoose={onChoose}
      />
      {since !== null && <p className="text-xs text-ink-3">Counted back to {formatExact(since)}</p>}
    </>
  );
}
