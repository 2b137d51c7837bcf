'use client';
import type { FailureGroup } from '@signalbox/proto/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Input } from '../../../components/ui/field.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { TabPanel, Tabs } from '../../../components/ui/tabs.tsx';
import { FAILURE_VIEWS, type FailureView, failureQueries, SEARCH_MAX } from '../../../features/failures/queries.ts';
import { cn } from '../../../lib/class-names.ts';
import { formatCount } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { api } from '../../../lib/trpc/client.ts';
import { useUrlFilter } from '../../../lib/use-url-filter.ts';
import { failureSearchParams } from './search-params.ts';

const NONE: Readonly<Record<FailureView, string>> = {
  open: 'Nothing fails that nobody looks at',
  acknowledged: 'Nobody looks at a failure',
  muted: 'Nothing is muted',
  resolved: 'Nothing is resolved yet',
};

export function FailuresPage() {
  const [{ view, q }, set] = useUrlFilter(failureSearchParams, { throttleMs: 200 });
  return (
    <>
      <PageHeader title="Failures" description="Runs that failed or crashed, grouped by what went wrong">
        <Input
          type="search"
          data-search
          aria-label="Search failures by error or deployment"
          placeholder="Error or deployment"
          className="!w-56"
          maxLength={SEARCH_MAX}
          value={q}
          onChange={(event) => set({ q: event.target.value })}
        />
      </PageHeader>
      <PageBody>
        <Tabs
          value={view}
          onChange={(next) => set({ view: next as FailureView })}
          label="Status"
          tabs={FAILURE_VIEWS.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) }))}
        >
          <TabPanel value={view}>
            <Groups view={view} search={q} onClear={() => set({ q: '' })} />
          </TabPanel>
        </Tabs>
      </PageBody>
    </>
  );
}

const LOOK_EVERY_MS = 5_000;

function Groups({ view, search, onClear }: { view: FailureView; search: string; onClear: () => void }) {
  const groups = useInfiniteQuery({
    ...failureQueries(api).list(view, search),
    placeholderData: (previous, query) => (query?.queryKey[2] === view ? previous : undefined),
    refetchInterval: (query) => LOOK_EVERY_MS * (query.state.data?.pages.length ?? 1),
  });
  const items = groups.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel>
      {groups.isPending ? (
        <SkeletonRows />
      ) : groups.isLoadingError ? (
        <ErrorState error={groups.error} onRetry={() => void groups.refetch()} />
      ) : items.length === 0 ? (
        search.trim() ? (
          <EmptyState title={groups.hasNextPage ? 'None among the latest failures' : `No ${view} failure fits this search`}>
            <Button onClick={onClear}>Clear the search</Button>
          </EmptyState>
        ) : (
          <EmptyState title={NONE[view]}>
            <p>
              Failures of one cause are one group, whatever their numbers, ids and lines. A group is told of once, and again when it comes
              back.
            </p>
          </EmptyState>
        )
      ) : (
        <ul aria-label="Failures" className={cn('divide-y divide-line', groups.isPlaceholderData && 'opacity-60')}>
          {items.map((group) => (
            <GroupRow key={group.id} group={group} />
          ))}
        </ul>
      )}
      {groups.hasNextPage && (
        <div className="border-t border-line p-3 text-center">
          <Button isBusy={groups.isFetchingNextPage} onClick={() => void groups.fetchNextPage()}>
            {search.trim() ? 'Search further back' : 'Older'}
          </Button>
        </div>
      )}
    </Panel>
  );
}

function GroupRow({ group: { id, title, occurrences, deployments, owner, lastAt, firstAt } }: { group: FailureGroup }) {
  const [first] = deployments;
  return (
    <li className="relative grid grid-cols-[2.5rem_minmax(0,1fr)] items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-hover lg:grid-cols-[4rem_minmax(0,1fr)_9rem_11rem]">
      <span className="text-right text-sm font-medium tabular-nums">
        {formatCount(occurrences)}
        <span className="sr-only"> times</span>
      </span>
      <div className="min-w-0">
        <Link
          href={paths.failure(id)}
          className="block text-sm font-medium -outline-offset-2 after:absolute after:inset-0 max-lg:line-clamp-3 max-lg:[overflow-wrap:anywhere] lg:truncate"
        >
          {title}
        </Link>
        <span className="block truncate text-xs text-ink-3">
          {first ? `${first.name ?? 'a deleted deployment'}, version ${first.versions.last}` : ''}
          {deployments.length > 1 ? ` and ${deployments.length - 1} more` : ''}
        </span>
      </div>
      <span className="col-start-2 truncate text-sm text-ink-2 max-lg:empty:hidden lg:col-start-auto">{owner ?? ''}</span>
      <span className="col-start-2 text-sm text-ink-3 lg:col-start-auto lg:text-right">
        <RelativeTime at={lastAt} />
        <span className="ml-2 text-xs lg:ml-0 lg:block">
          first <RelativeTime at={firstAt} />
        </span>
      </span>
    </li>
  );
}
