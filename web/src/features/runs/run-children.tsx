'use client';
import type { ChildRunSummary } from '@signalbox/proto/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { Button } from '../../components/ui/button.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Spinner } from '../../components/ui/spinner.tsx';
import { useLive } from '../../lib/live/live.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { type RunDetail, runQueries } from './queries.ts';
import { RunDuration } from './run-duration.tsx';
import { RunStateBadge } from './run-state-badge.tsx';

/** The run that started this one. */
export function ParentLink({ parent }: { parent: NonNullable<RunDetail['parent']> }) {
  return (
    <span className="flex items-center gap-2">
      <Link href={paths.run(parent.id)} title={`Step ${parent.step}`} className="hover:text-accent hover:underline">
        {parent.name}
      </Link>
      <RunStateBadge state={parent.state} />
    </span>
  );
}

/** Runs that this one started, oldest first. */
export function RunChildren({ run }: { run: RunDetail }) {
  const query = useInfiniteQuery(runQueries(api).children(run));
  const children = query.data?.pages.flatMap((page) => page.items) ?? [];
  const ids = new Set<string>(children.map(({ id }) => id));
  useLive(
    (event) => ids.has(event.id),
    () => void query.refetch(),
    1_000,
  );
  if (children.length === 0) {
    if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
    return (
      <EmptyState title="No child runs">
        A flow starts runs of other deployments with <code>runDeployment()</code>; they are listed here.
      </EmptyState>
    );
  }
  return (
    <Panel title="Child runs">
      <ol className="divide-y divide-line">
        {children.map((child) => (
          <ChildRow key={child.id} child={child} />
        ))}
      </ol>
      {query.hasNextPage && (
        <p className="p-3">
          <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show more
          </Button>
        </p>
      )}
      {query.isFetching && !query.isFetchingNextPage && children.length === 0 && <Spinner />}
    </Panel>
  );
}

function ChildRow({ child }: { child: ChildRunSummary }) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
      <RunStateBadge state={child.state} />
      <span className="min-w-0 flex-1">
        <Link href={paths.run(child.id)} prefetch={false} className="block truncate font-medium hover:text-accent hover:underline">
          {child.name}
        </Link>
        <span className="block truncate text-xs text-ink-3">
          {child.flow.name}/{child.deployment.name}
          {child.state.message && child.state.type !== 'COMPLETED' && ` · ${child.state.message}`}
        </span>
      </span>
      <span className="text-xs text-ink-2">
        <RelativeTime at={child.createdAt} />
      </span>
      <span className="w-20 text-right text-sm text-ink-2">
        <RunDuration run={child} />
      </span>
    </li>
  );
}
