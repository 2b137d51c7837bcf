'use client';
import type { Incident } from '@signalbox/proto/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { Severity } from '../../../components/ui/severity.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { Switch } from '../../../components/ui/switch.tsx';
import { DeclareIncidentButton } from '../../../features/incidents/declare-incident.tsx';
import { IncidentStatus } from '../../../features/incidents/incident-status.tsx';
import { incidentQueries } from '../../../features/incidents/queries.ts';
import { May } from '../../../features/shell/session.tsx';
import { paths } from '../../../lib/paths.ts';
import { api } from '../../../lib/trpc/client.ts';

/** All pages that are shown are asked again: the more there are, the less often. */
const LOOK_EVERY_MS = 5_000;

export function IncidentsPage() {
  const [all, setAll] = useState(false);
  const incidents = useInfiniteQuery({
    ...incidentQueries(api).list(all),
    refetchInterval: (query) => LOOK_EVERY_MS * (query.state.data?.pages.length ?? 1),
  });
  const items = incidents.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader title="Incidents" description="What people work on together until it is over">
        <label htmlFor="resolved" className="flex items-center gap-2 text-sm text-ink-2">
          <Switch id="resolved" isOn={all} onChange={setAll} />
          Resolved too
        </label>
        <May scope="incidents:write">
          <DeclareIncidentButton />
        </May>
      </PageHeader>
      <PageBody>
        <Panel>
          {incidents.isPending ? (
            <SkeletonRows />
          ) : incidents.isLoadingError ? (
            <ErrorState error={incidents.error} onRetry={() => void incidents.refetch()} />
          ) : items.length === 0 ? (
            <EmptyState title={all ? 'No incident yet' : 'No incident is open'}>
              <p>People declare one when something is wrong, and automations do it by themselves, once a problem.</p>
            </EmptyState>
          ) : (
            <>
              <ul className="divide-y divide-line">
                {items.map((incident) => (
                  <IncidentRow key={incident.id} incident={incident} />
                ))}
              </ul>
              {incidents.hasNextPage && (
                <div className="border-t border-line p-3 text-center">
                  <Button isBusy={incidents.isFetchingNextPage} onClick={() => void incidents.fetchNextPage()}>
                    Older
                  </Button>
                </div>
              )}
            </>
          )}
        </Panel>
      </PageBody>
    </>
  );
}

function IncidentRow({ incident: { id, title, severity, status, declaredBy, declaredAt } }: { incident: Incident }) {
  return (
    <li className="relative grid grid-cols-[7rem_minmax(0,1fr)] items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-hover lg:grid-cols-[7rem_6rem_minmax(0,1fr)_fit-content(18rem)]">
      <IncidentStatus status={status} />
      <Severity level={severity} />
      <Link
        href={paths.incident(id)}
        className="col-span-2 text-sm font-medium -outline-offset-2 after:absolute after:inset-0 max-lg:line-clamp-2 max-lg:[overflow-wrap:anywhere] lg:col-span-1 lg:truncate"
      >
        {title}
      </Link>
      <span className="col-span-2 truncate text-sm text-ink-3 lg:col-span-1">
        {declaredBy} <RelativeTime at={declaredAt} />
      </span>
    </li>
  );
}
