'use client';
import { BULK_SKIPS, type BulkJob } from '@signalbox/proto/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Ban, CircleCheck, CirclePause, CirclePlay, CircleX } from 'lucide-react';
import Link from 'next/link';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { cn } from '../../lib/class-names.ts';
import { useLive } from '../../lib/live/live.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { useMay } from '../shell/session.tsx';
import { bulkQueries } from './queries.ts';

const LOOK = {
  running: { icon: CirclePlay, word: 'Running', color: 'text-(--state-running)' },
  paused: { icon: CirclePause, word: 'Paused', color: 'text-(--state-paused)' },
  done: { icon: CircleCheck, word: 'Done', color: 'text-(--state-completed)' },
  cancelled: { icon: Ban, word: 'Stopped', color: 'text-(--state-cancelled)' },
  failed: { icon: CircleX, word: 'Failed', color: 'text-(--state-failed)' },
} as const;
const WORD = { cancel: 'Cancel', retry: 'Retry', delete: 'Delete', 'set-state': 'Set state of' } as const;

export function JobList() {
  const jobs = useQuery(bulkQueries(api).list());
  useLive(
    (event) => event.kind === 'bulk',
    () => void jobs.refetch({ cancelRefetch: false }),
  );
  if (jobs.isPending) return <SkeletonRows count={6} />;
  if (jobs.isError) return <ErrorState error={jobs.error} onRetry={() => void jobs.refetch()} />;
  if (jobs.data.items.length === 0)
    return (
      <EmptyState title="No bulk jobs yet">
        <p>Filter runs, then choose "All matching" to cancel, retry or delete them together.</p>
        <Link href={paths.runs()} className="text-accent hover:underline">
          Go to runs
        </Link>
      </EmptyState>
    );
  return (
    <ul className="divide-y divide-line border-t border-line bg-surface">
      {jobs.data.items.map((job) => (
        <JobRow key={job.id} job={job} />
      ))}
    </ul>
  );
}

function JobRow({ job }: { job: BulkJob }) {
  const { icon: Icon, word, color } = LOOK[job.status];
  const skipped = job.skipped.reduce((sum, { count }) => sum + count, 0);
  const seen = job.done + job.failed + skipped;
  const share = job.status === 'done' ? 1 : job.expected.isMore ? null : Math.min(1, seen / Math.max(1, job.expected.count));
  return (
    <li className="px-4 py-3 sm:px-6">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className={cn('inline-flex w-28 items-center gap-1.5 text-sm font-medium', color)}>
          <Icon aria-hidden className="size-4" />
          {word}
        </span>
        <span className="min-w-0 flex-1 text-sm">
          {WORD[job.action]} <code className="text-xs [overflow-wrap:anywhere]">{job.filterText || 'all runs'}</code>
          {job.state && ` to ${job.state.name ?? job.state.type.toLowerCase()}`}
        </span>
        <JobButtons job={job} />
      </div>
      <div className="mt-2 flex items-center gap-3">
        <div
          role="progressbar"
          aria-label={`Progress of ${WORD[job.action].toLowerCase()}`}
          aria-valuemin={0}
          aria-valuemax={100}
          {...(share === null ? {} : { 'aria-valuenow': Math.round(share * 100) })}
          className="h-1.5 w-40 overflow-hidden rounded-full bg-sunken"
        >
          <div className={cn('h-full bg-current', color)} style={{ width: `${Math.round((share ?? 0.5) * 100)}%` }} />
        </div>
        <span className="text-xs text-ink-2">
          {job.done.toLocaleString()} of {job.expected.count.toLocaleString()}
          {job.expected.isMore && '+'}
          {job.failed > 0 && `, ${job.failed.toLocaleString()} failed`}
          {job.skipped.map(({ why, count }) => `, ${count.toLocaleString()} skipped: ${BULK_SKIPS[why]}`).join('')}
        </span>
      </div>
      <p className="mt-1 text-xs text-ink-3">
        by {job.startedBy}, <RelativeTime at={job.createdAt} />
        {job.reason && `: ${job.reason}`}
      </p>
      {job.problem && <p className="mt-1 text-sm text-danger">{job.problem}</p>}
      {job.samples.length > 0 && (
        <details className="mt-1 text-xs text-ink-2">
          <summary>Runs that were left ({job.samples.length} shown)</summary>
          <ul className="mt-1 space-y-0.5">
            {job.samples.map(({ run, outcome, reason }) => (
              <li key={`${run} ${reason}`}>
                <Link href={paths.run(run)} prefetch={false} className="text-accent hover:underline">
                  {run}
                </Link>{' '}
                {outcome}: {reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

function JobButtons({ job }: { job: BulkJob }) {
  const may = useMay();
  const queryClient = useQueryClient();
  const steer = useMutation({
    mutationFn: (verb: 'pause' | 'resume' | 'stop') => api.bulk[verb].mutate({ job: job.id }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['bulk'] }),
    onError: (error) => toast.error('Could not change this job', { description: readError(error).message }),
  });
  const button = (verb: 'pause' | 'resume' | 'stop', label: string) => (
    <Button size="sm" isBusy={steer.isPending && steer.variables === verb} onClick={() => steer.mutate(verb)}>
      {label}
    </Button>
  );
  if (!may(`runs:${job.action}`)) return null;
  return (
    <span className="flex gap-2">
      {job.status === 'running' && button('pause', 'Pause')}
      {(job.status === 'paused' || job.status === 'failed') && button('resume', 'Resume')}
      {(job.status === 'running' || job.status === 'paused') && button('stop', 'Stop')}
    </span>
  );
}
