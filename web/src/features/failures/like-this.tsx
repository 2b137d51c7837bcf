'use client';
import type { RunId } from '@signalbox/proto';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { formatCount } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { failureQueries } from './queries.ts';

const LOOK_EVERY_MS = 2_000;
/** Groups are made a moment after a run has ended. */
const YOUNG_MS = 20_000;

/** How often it failed like this, and the way to the group; nothing where the failure belongs to none. */
export function LikeThis({ run }: { run: { readonly id: RunId; readonly endedAt: string | null } }) {
  const { id, endedAt } = run;
  const group = useQuery({
    ...failureQueries(api).ofRun(id),
    refetchInterval: () => (endedAt !== null && Date.now() - Date.parse(endedAt) < YOUNG_MS ? LOOK_EVERY_MS : false),
  });
  if (group.isPending) return <p aria-hidden className="mt-2 h-4 w-48 animate-pulse rounded-sm bg-sunken" />;
  if (group.isLoadingError) return <p className="mt-2 text-xs text-ink-3">Whether others failed like this could not be read.</p>;
  if (!group.data) return null;
  const { id: groupId, occurrences, status, owner, lastRun, lastAt } = group.data;
  const others = occurrences - 1;
  return (
    <p className="mt-2 text-xs text-ink-2">
      <Link href={paths.failure(groupId)} className="font-medium text-ink underline decoration-line-strong underline-offset-2">
        {others === 0 ? 'The only failure like this' : `${formatCount(others)} more ${others === 1 ? 'failure' : 'failures'} like this`}
      </Link>
      {lastRun !== id && (
        <>
          , the last <RelativeTime at={lastAt} />
        </>
      )}
      {status !== 'open' && ` · ${status}`}
      {owner !== null && ` · ${owner} looks after it`}
    </p>
  );
}
