'use client';
import type { FailureGroup } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { TabPanel, Tabs } from '../../../components/ui/tabs.tsx';
import { FAILURE_VIEWS, type FailureView, failureQueries, GROUPS_SHOWN } from '../../../features/failures/queries.ts';
import { formatCount } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { api } from '../../../lib/trpc/client.ts';

const NONE: Readonly<Record<FailureView, string>> = {
  open: 'Nothing fails that nobody looks at',
  acknowledged: 'Nobody looks at a failure',
  muted: 'Nothing is muted',
  resolved: 'Nothing is resolved yet',
};

export function FailuresPage() {
  const [view, setView] = useState<FailureView>('open');
  return (
    <>
      <PageHeader title="Failures" description="Runs that failed or crashed, grouped by what went wrong" />
      <PageBody>
        <Tabs
          value={view}
          onChange={(next) => setView(next as FailureView)}
          label="Status"
          tabs={FAILURE_VIEWS.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) }))}
        >
          <TabPanel value={view}>
            <Groups view={view} />
          </TabPanel>
        </Tabs>
      </PageBody>
    </>
  );
}

function Groups({ view }: { view: FailureView }) {
  const groups = useQuery({ ...failureQueries(api).list(view), refetchInterval: 5_000 });
  return (
    <Panel>
      {groups.isPending ? (
        <SkeletonRows />
      ) : groups.isError ? (
        <ErrorState error={groups.error} onRetry={() => void groups.refetch()} />
      ) : groups.data.items.length === 0 ? (
        <EmptyState title={NONE[view]}>
          <p>
            Failures of one cause are one group, whatever their numbers, ids and lines. A group is told of once, and again when it comes
            back.
          </p>
        </EmptyState>
      ) : (
        <>
          <ul className="divide-y divide-line">
            {groups.data.items.map((group) => (
              <GroupRow key={group.id} group={group} />
            ))}
          </ul>
          {groups.data.nextCursor && (
            <p className="border-t border-line px-4 py-2 text-xs text-ink-3">The {GROUPS_SHOWN} that failed most lately are shown.</p>
          )}
        </>
      )}
    </Panel>
  );
}

function GroupRow({ group: { id, title, occurrences, deployments, owner, lastAt, firstAt } }: { group: FailureGroup }) {
  const [first] = deployments;
  return (
    <li className="relative grid grid-cols-[4rem_minmax(0,1fr)] items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-hover md:grid-cols-[4rem_minmax(0,1fr)_9rem_11rem]">
      <span className="text-right text-sm font-medium tabular-nums">
        {formatCount(occurrences)}
        <span className="sr-only"> times</span>
      </span>
      <div className="min-w-0">
        <Link href={paths.failure(id)} className="block truncate text-sm font-medium -outline-offset-2 after:absolute after:inset-0">
          {title}
        </Link>
        <span className="block truncate text-xs text-ink-3">
          {first ? `${first.name ?? 'a deleted deployment'}, version ${first.versions.last}` : ''}
          {deployments.length > 1 ? ` and ${deployments.length - 1} more` : ''}
        </span>
      </div>
      <span className="col-start-2 truncate text-sm text-ink-2 md:col-start-auto">{owner ?? ''}</span>
      <span className="col-start-2 text-sm text-ink-3 md:col-start-auto md:text-right">
        <RelativeTime at={lastAt} />
        <span className="block text-xs">
          first <RelativeTime at={firstAt} />
        </span>
      </span>
    </li>
  );
}
