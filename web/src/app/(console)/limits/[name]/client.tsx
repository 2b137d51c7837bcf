'use client';
import type { Limit } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { PageBody, PageHeader } from '../../../../components/layout/page-header.tsx';
import { ErrorState } from '../../../../components/ui/error-state.tsx';
import { Panel } from '../../../../components/ui/panel.tsx';
import { SkeletonRows } from '../../../../components/ui/skeleton.tsx';
import { LimitActions } from '../../../../features/limits/limit-actions.tsx';
import { LimitStatus } from '../../../../features/limits/limit-status.tsx';
import { limitScope, takenSlots } from '../../../../features/limits/limit-words.ts';
import { OccupantList } from '../../../../features/limits/occupant-list.tsx';
import { limitQueries, OCCUPANTS_SHOWN } from '../../../../features/limits/queries.ts';
import { SlotMeter } from '../../../../features/work-pools/slot-meter.tsx';
import { formatCount } from '../../../../lib/format.ts';
import { useLive } from '../../../../lib/live/live.tsx';
import { api } from '../../../../lib/trpc/client.ts';
import Loading from './loading.tsx';

/** Slots are taken and given back without an event of their own. */
const LOOK_EVERY_MS = 2_000;

export function LimitPage({ name }: { name: string }) {
  // What is being deleted is not asked for any more.
  const [isGone, setGone] = useState(false);
  const limit = useQuery({ ...limitQueries(api).detail(name), refetchInterval: LOOK_EVERY_MS, enabled: !isGone });
  useLive(
    (event) => event.kind === 'run' && !isGone,
    () => void limit.refetch({ cancelRefetch: false }),
    1_000,
  );
  if (limit.data) return <LimitView limit={limit.data} isGone={isGone} onGone={setGone} />;
  return limit.isError ? <ErrorState error={limit.error} onRetry={() => void limit.refetch()} /> : <Loading />;
}

function LimitView({ limit, isGone, onGone }: { limit: Limit; isGone: boolean; onGone: (isGone: boolean) => void }) {
  const live = { refetchInterval: LOOK_EVERY_MS, enabled: !isGone };
  const holders = useQuery({ ...limitQueries(api).holders(limit.name), ...live });
  const waiters = useQuery({ ...limitQueries(api).waiters(limit.name), ...live });
  const isRate = limit.decayPerSecond !== null;
  return (
    <>
      <title>{`${limit.name} · Signalbox`}</title>
      <PageHeader title={limit.name} description={limit.description || (isRate ? 'Rate' : 'Limit')}>
        <LimitActions limit={limit} onGone={onGone} />
      </PageHeader>
      <PageBody>
        <section aria-label="Status" className="grid gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-3">
          <div className="bg-surface px-4 py-3">
            <LimitStatus limit={limit} />
            <p className="mt-1 text-sm text-ink-2">{limitScope(limit)}</p>
          </div>
          <div className="bg-surface px-4 py-3">
            <p className="text-xs text-ink-3">Slots taken</p>
            <p className="mt-1">
              <SlotMeter held={takenSlots(limit)} limit={limit.slots} label="slots taken, as the gate counts them" />
            </p>
          </div>
          <div className="bg-surface px-4 py-3">
            <p className="text-xs text-ink-3">Requests waiting</p>
            <p className="mt-1 text-sm">{formatCount(limit.waiting)}</p>
          </div>
        </section>
        <Occupants
          title="Held by"
          query={holders}
          empty={isRate ? 'Slots of a rate come back by themselves: nobody holds them.' : 'Nobody holds it.'}
        >
          {(items) => <OccupantList items={items} limit={limit.id} />}
        </Occupants>
        <Occupants title="Waiting, in line" query={waiters} empty="Nobody waits for it.">
          {(items) => <OccupantList items={items} />}
        </Occupants>
      </PageBody>
    </>
  );
}

interface OccupantsProps<T> {
  title: string;
  query: { data?: { items: T[]; nextCursor: string | null } | undefined; isError: boolean; error: unknown; refetch: () => unknown };
  empty: string;
  children: (items: T[]) => ReactNode;
}

function Occupants<T>({ title, query, empty, children }: OccupantsProps<T>) {
  const { data } = query;
  return (
    <Panel title={title}>
      {!data && query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : !data ? (
        <SkeletonRows />
      ) : data.items.length === 0 ? (
        <p className="px-4 py-6 text-center text-sm text-ink-3">{empty}</p>
      ) : (
        <>
          {children(data.items)}
          {data.nextCursor && <p className="border-t border-line px-4 py-2 text-xs text-ink-3">The first {OCCUPANTS_SHOWN} are shown.</p>}
        </>
      )}
    </Panel>
  );
}
