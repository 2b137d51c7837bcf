'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { useLive } from '../../lib/live/live.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { runQueries } from './queries.ts';
import { RunDuration } from './run-duration.tsx';
import { LateBadge, RunStateBadge } from './run-state-badge.tsx';

/** The newest runs of one deployment, as they come. */
export function RecentRuns({ deployment }: { deployment: string }) {
  const runs = useQuery(runQueries(api).recent(deployment));
  useLive(
    (event) => event.kind === 'run' && (event.what?.includes('state') ?? true),
    () => void runs.refetch({ cancelRefetch: false }),
  );
  if (runs.isPending) return <SkeletonRows count={4} />;
  if (runs.isError) return <ErrorState error={runs.error} onRetry={() => void runs.refetch()} />;
  if (runs.data.items.length === 0)
    return <p className="px-4 py-6 text-sm text-ink-3">It has not run yet. Press Run, or wait for a schedule.</p>;
  return (
    <ul className="divide-y divide-line">
      {runs.data.items.map((run) => (
        <li key={run.id} className="relative flex h-10 items-center gap-3 px-4 hover:bg-hover">
          <span className="w-36 shrink-0">
            <RunStateBadge state={run.state} />
          </span>
          <Link
            href={paths.run(run.id)}
            prefetch={false}
            className="min-w-0 flex-1 truncate text-sm font-medium -outline-offset-2 after:absolute after:inset-0"
          >
            {run.name}
          </Link>
          {run.late && <LateBadge />}
          <span className="hidden w-24 text-right text-sm text-ink-2 sm:block">
            <RelativeTime at={run.createdAt} />
          </span>
          <span className="w-20 text-right text-sm text-ink-2">
            <RunDuration run={run} />
          </span>
        </li>
      ))}
    </ul>
  );
}
