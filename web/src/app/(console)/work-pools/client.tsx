'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { CodeBlock } from '../../../components/ui/code-block.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { CreatePoolButton } from '../../../features/work-pools/create-pool-dialog.tsx';
import { PoolStatus } from '../../../features/work-pools/pool-status.tsx';
import { workPoolQueries } from '../../../features/work-pools/queries.ts';
import { SlotMeter } from '../../../features/work-pools/slot-meter.tsx';
import { plural } from '../../../lib/format.ts';
import { useLive } from '../../../lib/live/live.tsx';
import { paths } from '../../../lib/paths.ts';
import { api } from '../../../lib/trpc/client.ts';

export function WorkPoolsPage() {
  const pools = useQuery({ ...workPoolQueries(api).list(), refetchInterval: 15_000 });
  useLive(
    (event) => event.kind !== 'deployment',
    () => void pools.refetch({ cancelRefetch: false }),
    2_000,
  );
  return (
    <>
      <PageHeader title="Work pools" description="Kinds of places where runs are executed">
        <CreatePoolButton />
      </PageHeader>
      <PageBody>
        <Panel>
          {pools.isPending ? (
            <SkeletonRows />
          ) : pools.isError ? (
            <ErrorState error={pools.error} onRetry={() => void pools.refetch()} />
          ) : pools.data.items.length === 0 ? (
            <EmptyState title="No work pool yet">
              <p>A pool gathers agents that can run the same things, with a limit for all of them. Make one here, or:</p>
              <div className="text-left">
                <CodeBlock label="Command that makes a work pool" text="signalbox pools create local" />
              </div>
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line">
              {pools.data.items.map((pool) => (
                <li
                  key={pool.id}
                  className="relative grid grid-cols-[7rem_minmax(0,1fr)] items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-hover md:grid-cols-[7rem_minmax(0,1.4fr)_minmax(0,1fr)_7rem]"
                >
                  <PoolStatus status={pool.status} />
                  <div className="min-w-0">
                    <Link
                      href={paths.workPool(pool.name)}
                      className="block truncate text-sm font-medium -outline-offset-2 after:absolute after:inset-0"
                    >
                      {pool.name}
                    </Link>
                    <span className="block truncate text-xs text-ink-3">{pool.statusReason}</span>
                  </div>
                  <span className="col-start-2 md:col-start-auto">
                    <SlotMeter held={pool.slotsHeld} limit={pool.concurrencyLimit} label="slots held" />
                    {pool.concurrencyLimit === null && <span className="ml-1 text-sm text-ink-3">running, no limit</span>}
                  </span>
                  <span
                    className={`col-start-2 text-sm md:col-start-auto md:text-right ${pool.waiting > 0 && pool.status !== 'ready' ? 'text-late' : 'text-ink-2'}`}
                  >
                    {pool.waiting === 0 ? (
                      <span className="text-ink-3">none waits</span>
                    ) : (
                      `${plural(pool.waiting, 'run')} ${pool.waiting === 1 ? 'waits' : 'wait'}`
                    )}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Panel>
      </PageBody>
    </>
  );
}
