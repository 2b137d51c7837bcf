'use client';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { PageHeader } from '../../../components/layout/page-header.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { CodeBlock } from '../../../components/ui/code-block.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { EventChart } from '../../../features/events/event-chart.tsx';
import { isFiltered, NO_EVENT_FILTER } from '../../../features/events/event-filter.ts';
import { EventFilterBar } from '../../../features/events/event-filter-bar.tsx';
import { EventRow } from '../../../features/events/event-row.tsx';
import { eventQueries } from '../../../features/events/queries.ts';
import { cn } from '../../../lib/class-names.ts';
import { formatExact } from '../../../lib/format.ts';
import { useLive } from '../../../lib/live/live.tsx';
import { api } from '../../../lib/trpc/client.ts';
import { useUrlFilter } from '../../../lib/use-url-filter.ts';
import { eventSearchParams } from './search-params.ts';

export function EventsPage() {
  const [filter, setFilter] = useUrlFilter(eventSearchParams, { throttleMs: 300 });
  const queryClient = useQueryClient();
  const events = useInfiniteQuery({ ...eventQueries(api).list(filter), placeholderData: (previous) => previous });
  const names = useQuery({ ...eventQueries(api).names({ ...filter, name: '' }), staleTime: 60_000 });
  const pages = events.data?.pages ?? [];
  const items = pages.flatMap((page) => page.items);
  const searchedTo = pages.at(-1)?.searchedTo ?? null;

  // All that happens is told here. A refetch asks for every loaded page again: the more of them, the less often.
  useLive(
    () => filter.from === '',
    () => void queryClient.invalidateQueries({ queryKey: ['events'], refetchType: 'active' }, { cancelRefetch: false }),
    2_000 + pages.length * 1_000,
  );

  return (
    <>
      <PageHeader title="Events" description="All that happened here, newest first" />
      <EventFilterBar filter={filter} names={names.data?.counts.map(({ key }) => key) ?? []} onChange={(change) => setFilter(change)} />
      <div className="px-4 pb-1 sm:px-6">
        <EventChart filter={filter} onChoose={({ after, before }) => setFilter({ from: after, to: before })} />
      </div>
      <div className="border-t border-line bg-surface">
        {events.isPending ? (
          <SkeletonRows count={14} />
        ) : events.isError && items.length === 0 ? (
          <ErrorState error={events.error} onRetry={() => void events.refetch()} />
        ) : items.length === 0 ? (
          searchedTo !== null ? (
            <EmptyState title={`None since ${formatExact(searchedTo)}`}>
              <p>Older events were not looked at yet.</p>
            </EmptyState>
          ) : isFiltered(filter) ? (
            <EmptyState title="No event fits this filter">
              <p>Widen the time, or look for another name.</p>
              <Button onClick={() => setFilter(NO_EVENT_FILTER)}>Clear the filter</Button>
            </EmptyState>
          ) : (
            <EmptyState title="Nothing happened in this time">
              <p>Every change of a run, every command and every artifact is an event. Programs may send their own:</p>
              <div className="text-left">
                <CodeBlock
                  label="Command that sends an event"
                  text="signalbox events emit orders.file.arrived --resource s3://orders/today.csv"
                />
              </div>
            </EmptyState>
          )
        ) : (
          <ul aria-label="Events" className={cn('divide-y divide-line', events.isPlaceholderData && 'opacity-60')}>
            {items.map((event) => (
              <EventRow key={event.position} event={event} />
            ))}
          </ul>
        )}
        {events.hasNextPage && (
          <div className="border-t border-line p-3 text-center">
            {searchedTo !== null && items.length > 0 && (
              <p className="mb-2 text-xs text-ink-3">Searched back to {formatExact(searchedTo)}</p>
            )}
            <Button isBusy={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
              {searchedTo === null ? 'Older' : 'Search further back'}
            </Button>
          </div>
        )}
      </div>
    </>
  );
}
