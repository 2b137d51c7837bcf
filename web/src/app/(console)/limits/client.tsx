'use client';
import type { Limit } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { CodeBlock } from '../../../components/ui/code-block.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { CreateLimitButton } from '../../../features/limits/limit-dialog.tsx';
import { LimitStatus } from '../../../features/limits/limit-status.tsx';
import { limitScope, takenSlots } from '../../../features/limits/limit-words.ts';
import { limitQueries } from '../../../features/limits/queries.ts';
import { SlotMeter } from '../../../features/work-pools/slot-meter.tsx';
import { plural } from '../../../lib/format.ts';
import { useLive } from '../../../lib/live/live.tsx';
import { paths } from '../../../lib/paths.ts';
import { api } from '../../../lib/trpc/client.ts';

export function LimitsPage() {
  // Slots are taken and given back without an event of their own.
  const limits = useQuery({ ...limitQueries(api).list(), refetchInterval: 3_000 });
  useLive(
    (event) => event.kind === 'run',
    () => void limits.refetch({ cancelRefetch: false }),
    1_000,
  );
  return (
    <>
      <PageHeader title="Limits" description="Slots and rates that runs share">
        <CreateLimitButton />
      </PageHeader>
      <PageBody>
        <Panel>
          {limits.isPending ? (
            <SkeletonRows />
          ) : limits.isError ? (
            <ErrorState error={limits.error} onRetry={() => void limits.refetch()} />
          ) : limits.data.items.length === 0 ? (
            <EmptyState title="No limit yet">
              <p>
                A limit bounds how many pieces of code do something at once, in whatever run they are: five connections to a database, ten
                calls of an API a second. Make one here, or:
              </p>
              <div className="text-left">
                <CodeBlock label="Command that makes a limit" text="signalbox limits create db --slots 5" />
              </div>
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line">
              {limits.data.items.map((limit) => (
                <LimitRow key={limit.id} limit={limit} />
              ))}
            </ul>
          )}
        </Panel>
      </PageBody>
    </>
  );
}

function LimitRow({ limit }: { limit: Limit }) {
  return (
    <li className="relative grid grid-cols-[6rem_minmax(0,1fr)] items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-hover md:grid-cols-[6rem_minmax(0,1.4fr)_minmax(0,1fr)_7rem]">
      <LimitStatus limit={limit} />
      <div className="min-w-0">
        <Link href={paths.limit(limit.name)} className="block truncate text-sm font-medium -outline-offset-2 after:absolute after:inset-0">
          {limit.name}
        </Link>
        <span className="block truncate text-xs text-ink-3">{limit.description || limitScope(limit)}</span>
      </div>
      <span className="col-start-2 md:col-start-auto">
        <SlotMeter held={takenSlots(limit)} limit={limit.slots} label="slots taken" />
        {limit.decayPerSecond !== null && <span className="ml-2 text-sm text-ink-3">{limit.decayPerSecond} a second</span>}
      </span>
      <span className={`col-start-2 text-sm md:col-start-auto md:text-right ${limit.waiting > 0 ? 'text-late' : 'text-ink-3'}`}>
        {limit.waiting === 0 ? 'none waits' : `${plural(limit.waiting, 'request')} ${limit.waiting === 1 ? 'waits' : 'wait'}`}
      </span>
    </li>
  );
}
