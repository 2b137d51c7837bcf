// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by the virtualizer, which a <table> does not allow.
// biome-ignore-all lint/a11y/useFocusableInteractive: a table's rows and cells are no controls; the link in each row is.
'use client';
import type { RunSummary } from '@signalbox/proto/api';
import { useVirtualizer } from '@tanstack/react-virtual';
import Link from 'next/link';
import { useEffect, useRef } from 'react';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Spinner } from '../../components/ui/spinner.tsx';
import { Tag } from '../../components/ui/tag.tsx';
import { cn } from '../../lib/class-names.ts';
import { paths } from '../../lib/paths.ts';
import { RunDuration } from './run-duration.tsx';
import { LateBadge, RunStateBadge } from './run-state-badge.tsx';
import { useRowKeys } from './use-row-keys.ts';

const ROW_PX = 52;
const COLUMNS =
  'grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 px-4 sm:px-6 md:grid-cols-[9.5rem_minmax(0,1fr)_minmax(0,10rem)_6rem_6.5rem_6rem]';

interface RunsTableProps {
  runs: readonly RunSummary[];
  hasMore: boolean;
  isLoadingMore: boolean;
  onMore: () => void;
  /** Shows rows of the filter before while the new ones are on their way. */
  isStale: boolean;
}

/** Runs, newest first; only rows in sight exist. `j` and `k` walk, Enter opens. */
export function RunsTable({ runs, hasMore, isLoadingMore, onMore, isStale }: RunsTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: runs.length + (hasMore ? 1 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    // The server paints the first screen.
    initialRect: { width: 1_200, height: 900 },
    getItemKey: (index) => runs[index]?.id ?? 'more',
  });
  const rows = virtualizer.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= runs.length - 20 && hasMore && !isLoadingMore) onMore();
  }, [last, runs.length, hasMore, isLoadingMore, onMore]);
  useRowKeys(runs.length, scroller, (index) => virtualizer.scrollToIndex(index));

  return (
    <div
      ref={scroller}
      role="table"
      aria-label="Runs"
      aria-rowcount={hasMore ? -1 : runs.length + 1}
      aria-busy={isStale}
      className={cn('h-full overflow-y-auto transition-opacity', isStale && 'opacity-60')}
    >
      <div role="rowgroup" className="sticky top-0 z-10 hidden border-b border-line bg-surface md:block">
        <div role="row" aria-rowindex={1} className={cn(COLUMNS, 'h-8 text-xs text-ink-3')}>
          {['State', 'Run', 'Tags', 'Started by'].map((name) => (
            <span key={name} role="columnheader">
              {name}
            </span>
          ))}
          {['Created', 'Duration'].map((name) => (
            <span key={name} role="columnheader" className="text-right">
              {name}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {rows.map(({ index, key, start }) => {
          const run = runs[index];
          return (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              className="absolute inset-x-0 border-b border-line"
              style={{ height: ROW_PX, transform: `translateY(${start}px)` }}
            >
              {run ? (
                <RunRow run={run} index={index} />
              ) : (
                <span role="cell" className="flex h-full items-center justify-center gap-2 text-sm text-ink-3">
                  <Spinner />
                  Older runs
                </span>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function RunRow({ run, index }: { run: RunSummary; index: number }) {
  const isAhead = run.state.type === 'SCHEDULED' && !run.late && Date.parse(run.dueAt) > Date.parse(run.createdAt) + 1_000;
  const cause = run.state.type === 'FAILED' || run.state.type === 'CRASHED' ? run.state.message : undefined;
  return (
    <div className={cn(COLUMNS, 'relative h-full hover:bg-hover has-[a:focus-visible]:bg-hover')}>
      <span role="cell" className="order-2 flex items-center gap-2 md:order-none">
        {run.late && <LateBadge />}
        <RunStateBadge state={run.state} />
      </span>
      <span role="cell" className="order-1 min-w-0 md:order-none">
        <Link
          href={paths.run(run.id)}
          prefetch={false}
          data-row={index}
          className="block truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {run.name}
        </Link>
        <span className="block truncate text-xs text-ink-3">
          <span className="md:hidden">
            <RelativeTime at={run.createdAt} /> ·{' '}
          </span>
          {run.kind === 'task' ? `task ${run.flow.name}` : `${run.flow.name}/${run.deployment.name}`}
          {run.attempt > 1 && ` · attempt ${run.attempt}`}
          {cause && <span className="text-danger"> · {cause}</span>}
        </span>
      </span>
      <span role="cell" className="hidden min-w-0 gap-1 overflow-hidden md:flex">
        {run.tags.slice(0, 3).map((tag) => (
          <Tag key={tag}>{tag}</Tag>
        ))}
        {run.tags.length > 3 && <span className="text-xs text-ink-3">+{run.tags.length - 3}</span>}
      </span>
      <span role="cell" className="hidden truncate text-sm text-ink-2 md:block">
        {run.createdBy}
      </span>
      <span role="cell" className="hidden text-right text-sm text-ink-2 md:block">
        {isAhead ? (
          <>
            due <RelativeTime at={run.dueAt} className="relative z-[1]" />
          </>
        ) : (
          <RelativeTime at={run.createdAt} className="relative z-[1]" />
        )}
      </span>
      <span role="cell" className="hidden text-right text-sm text-ink-2 md:block">
        <RunDuration run={run} />
      </span>
    </div>
  );
}
