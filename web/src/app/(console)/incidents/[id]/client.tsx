'use client';
import type { Incident, IncidentDetail, IncidentLink } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { PageBody, PageHeader } from '../../../../components/layout/page-header.tsx';
import { ErrorState } from '../../../../components/ui/error-state.tsx';
import { Panel } from '../../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../../components/ui/relative-time.tsx';
import { Severity } from '../../../../components/ui/severity.tsx';
import { ThingLink } from '../../../../features/events/thing-link.tsx';
import { CommentForm, IncidentActions, UnlinkButton } from '../../../../features/incidents/incident-actions.tsx';
import { IncidentStatus } from '../../../../features/incidents/incident-status.tsx';
import { incidentQueries } from '../../../../features/incidents/queries.ts';
import { Timeline } from '../../../../features/incidents/timeline.tsx';
import { May } from '../../../../features/shell/session.tsx';
import { api } from '../../../../lib/trpc/client.ts';
import Loading from './loading.tsx';

export function IncidentPage({ id }: { id: Incident['id'] }) {
  const incident = useQuery({ ...incidentQueries(api).detail(id), refetchInterval: 3_000 });
  if (incident.data) return <IncidentView incident={incident.data} />;
  return incident.isError ? <ErrorState error={incident.error} onRetry={() => void incident.refetch()} /> : <Loading />;
}

function IncidentView({ incident }: { incident: IncidentDetail }) {
  const { title, summary, severity, status, declaredBy, declaredAt, resolvedAt, links, entries } = incident;
  return (
    <>
      <title>{`${title} · Signalbox`}</title>
      <PageHeader
        title={title}
        description={
          <span className="flex flex-wrap items-center gap-x-4">
            <IncidentStatus status={status} />
            <Severity level={severity} />
            <span>
              {declaredBy}, <RelativeTime at={declaredAt} />
            </span>
            {resolvedAt && (
              <span>
                over <RelativeTime at={resolvedAt} />
              </span>
            )}
          </span>
        }
      >
        <May scope="incidents:write">
          <IncidentActions incident={incident} />
        </May>
      </PageHeader>
      <PageBody>
        {summary && <p className="max-w-prose whitespace-pre-wrap text-sm">{summary}</p>}
        <div className="grid gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
          <Panel title="Timeline">
            <Timeline entries={entries} />
            <May scope="incidents:write">
              <CommentForm incident={incident} />
            </May>
          </Panel>
          <Panel title="What it is about">
            {links.length === 0 ? (
              <p className="px-4 py-5 text-sm text-ink-3">
                Nothing is linked. The pages of runs, of failures and of automations have a button that links them, and automations do it by
                themselves.
              </p>
            ) : (
              <ul className="divide-y divide-line">
                {links.map((link) => (
                  <li key={link.ref} className="flex items-center gap-3 px-4 py-2 text-sm">
                    <span className="w-24 shrink-0 text-ink-3">{LINK_WORDS[link.kind]}</span>
                    <ThingLink labels={{ id: link.ref, name: link.name }} className="min-w-0 flex-1 font-medium" />
                    <May scope="incidents:write">
                      <UnlinkButton incident={incident} link={link} />
                    </May>
                  </li>
                ))}
              </ul>
            )}
          </Panel>
        </div>
      </PageBody>
    </>
  );
}

const LINK_WORDS: Readonly<Record<IncidentLink['kind'], string>> = {
  run: 'Run',
  deployment: 'Deployment',
  automation: 'Automation',
  firing: 'Firing',
  'failure-group': 'Failure',
  sla: 'Service level',
  event: 'Event',
};
