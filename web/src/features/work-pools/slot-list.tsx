'use client';
import type { Agent, WorkPool } from '@signalbox/proto/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { Button } from '../../components/ui/button.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { ScrollRegion } from '../../components/ui/scroll-region.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { useLive } from '../../lib/live/live.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { workPoolQueries } from './queries.ts';

/** Who holds each slot of a pool, or of one of its agents, as the gate counts them; longest first. */
export function SlotList({ pool, agent }: { pool: Pick<WorkPool, 'name' | 'waiting'>; agent?: Agent['id'] }) {
  const slots = useInfiniteQuery(workPoolQueries(api).slots(pool.name, agent));
  useLive(
    (event) => event.kind === 'run',
    () => void slots.refetch({ cancelRefetch: false }),
    2_000,
  );
  const holders = slots.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel title="Slots held">
      {slots.isPending ? (
        <Skeleton className="m-4 h-8" />
      ) : slots.isError && holders.length === 0 ? (
        <ErrorState error={slots.error} onRetry={() => void slots.refetch()} />
      ) : holders.length === 0 ? (
        <EmptyState title="No run holds a slot">
          <p>
            {pool.waiting > 0
              ? 'Runs wait; open one to see what is in its way.'
              : `Nothing runs ${agent ? 'under this agent' : 'in this pool'} now.`}
          </p>
        </EmptyState>
      ) : (
        <ScrollRegion label="Slots held" className="overflow-x-auto">
          <table className="w-full text-sm">
            <thead className="text-xs text-ink-3">
              <tr>
                {['Run', 'Deployment', 'Queue', 'Agent', 'Since'].map((name) => (
                  <th key={name} scope="col" className="px-4 py-1.5 text-left font-normal">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {holders.map(({ run, deployment, queue, agent: holder, since }) => (
                <tr key={run.id} className="h-9 border-t border-line">
                  <th scope="row" className="max-w-64 truncate px-4 text-left font-medium">
                    <Link href={paths.run(run.id)} className="text-accent hover:underline">
                      {run.name}
                    </Link>
                    <span className="ml-2 text-xs font-normal text-ink-3">{run.state}</span>
                  </th>
                  <td className="max-w-48 truncate px-4">
                    <Link href={paths.deployment(deployment.id)} className="hover:underline">
                      {deployment.flow}/{deployment.name}
                    </Link>
                  </td>
                  <td className="px-4">{queue ?? '-'}</td>
                  <td className="max-w-40 truncate px-4">{holder?.name ?? '-'}</td>
                  <td className="whitespace-nowrap px-4">
                    <RelativeTime at={since} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
      {slots.hasNextPage && (
        <div className="border-t border-line p-2 text-center">
          <Button size="sm" isBusy={slots.isFetchingNextPage} onClick={() => void slots.fetchNextPage()}>
            More
          </Button>
        </div>
      )}
    </Panel>
  );
}
