'use client';
import { useInfiniteQuery } from '@tanstack/react-query';
import { PageHeader } from '../../../components/layout/page-header.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { CodeBlock } from '../../../components/ui/code-block.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { BulkActions } from '../../../features/bulk/bulk-actions.tsx';
import { runQueries } from '../../../features/runs/queries.ts';
import { filterAt, isFiltered, NO_RUN_FILTER, RUN_RANGES, readFilter } from '../../../features/runs/run-filter.ts';
import { RunFilterBar, RunSearchBox } from '../../../features/runs/run-filter-bar.tsx';
import { RunHistoryChart } from '../../../features/runs/run-history-chart.tsx';
import { RunsTable } from '../../../features/runs/runs-table.tsx';
import { useLive } from '../../../lib/live/live.tsx';
import { api } from '../../../lib/trpc/client.ts';
import { useUrlFilter } from '../../../lib/use-url-filter.ts';
import { runSearchParams } from './search-params.ts';

export function RunsPage() {
  const [filter, setFilter] = useUrlFilter(runSearchParams, { throttleMs: 200 });
  const reading = readFilter(filter, Date.now());
  const runs = useInfiniteQuery({ ...runQueries(api).list(filter), enabled: reading.ok, placeholderData: (previous) => previous });
  const pages = runs.data?.pages ?? [];
  const items = pages.flatMap((page) => page.items);

  // A refetch asks for every loaded page again: the more of them, the less often.
  useLive(
    (event) => event.kind === 'run' && (event.what?.includes('state') ?? true),
    () => void runs.refetch({ cancelRefetch: false }),
    1_000 + pages.length * 500,
  );

  return (
    <div className="flex h-full flex-col">
      <PageHeader title="Runs">
        <RunSearchBox value={filter.q} problems={reading.ok ? [] : reading.problems} onChange={(q) => setFilter({ q })} />
        <BulkActions filterAt={(nowMs) => filterAt(filter, nowMs)} />
      </PageHeader>
      <RunFilterBar filter={filter} onChange={(change) => setFilter(change)} />
      <div className="px-4 pb-1 sm:px-6">
        <RunHistoryChart
          filterKey={filter}
          filterAt={(nowMs) => filterAt(filter, nowMs)}
          rangeMs={RUN_RANGES[filter.range ?? '24h'].ms}
          onChoose={({ after, before }) =>
            setFilter({
              q: `${filter.q.replaceAll(/\s*\b(created|since|until):\S+/g, '')} created:${after}..${before}`.trim(),
              range: null,
            })
          }
        />
      </div>
      <div className="min-h-0 flex-1 border-t border-line bg-surface">
        {runs.isPending ? (
          <SkeletonRows count={14} />
        ) : runs.isError && items.length === 0 ? (
          <ErrorState error={runs.error} onRetry={() => void runs.refetch()} />
        ) : items.length > 0 ? (
          <RunsTable
            runs={items}
            hasMore={runs.hasNextPage}
            isLoadingMore={runs.isFetchingNextPage}
            onMore={() => void runs.fetchNextPage()}
            isStale={runs.isPlaceholderData}
          />
        ) : runs.hasNextPage ? (
          <EmptyState title="Nothing found yet">
            <p>
              Few runs fit this filter. Looked back to <RelativeTime at={pages.at(-1)?.lookedBackTo ?? new Date().toISOString()} />.
            </p>
            <Button isBusy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
              Look further back
            </Button>
          </EmptyState>
        ) : isFiltered(filter) ? (
          <EmptyState title="No run fits this filter">
            <p>Widen the time, choose other states, or look for another name.</p>
            <Button onClick={() => setFilter(NO_RUN_FILTER)}>Clear the filter</Button>
          </EmptyState>
        ) : (
          <EmptyState title="No runs yet">
            <p>A run is one execution of a flow. Deploy a flow, then start it from here, on a schedule, or from a terminal:</p>
            <div className="text-left">
              <CodeBlock label="Command that starts a run" text="signalbox run weather/daily --watch" />
            </div>
          </EmptyState>
        )}
      </div>
    </div>
  );
}
