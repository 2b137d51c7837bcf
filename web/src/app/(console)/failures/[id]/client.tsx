'use client';
import type { FailureGroup, FailureGroupDetail } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { PageBody, PageHeader } from '../../../../components/layout/page-header.tsx';
import { ErrorState } from '../../../../components/ui/error-state.tsx';
import { Fact, Facts, Panel } from '../../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../../components/ui/relative-time.tsx';
import { FailureActions } from '../../../../features/failures/failure-actions.tsx';
import { FailureStatus } from '../../../../features/failures/failure-status.tsx';
import { failureQueries } from '../../../../features/failures/queries.ts';
import { IncidentButton, IncidentsAbout } from '../../../../features/incidents/incident-about.tsx';
import { formatCount, plural } from '../../../../lib/format.ts';
import { paths } from '../../../../lib/paths.ts';
import { api } from '../../../../lib/trpc/client.ts';
import Loading from './loading.tsx';

export function FailurePage({ id }: { id: FailureGroup['id'] }) {
  const group = useQuery({ ...failureQueries(api).detail(id), refetchInterval: 3_000 });
  if (group.data) return <FailureView group={group.data} />;
  return group.isError ? <ErrorState error={group.error} onRetry={() => void group.refetch()} /> : <Loading />;
}

function FailureView({ group }: { group: FailureGroupDetail }) {
  const { title, status, occurrences, firstAt, lastAt, deployments, owner, acknowledged, mutedUntil, resolved, message, frames, runs } =
    group;
  return (
    <>
      <title>{`${title} · Signalbox`}</title>
      <PageHeader
        title={title}
        description={
          <span className="flex flex-wrap items-center gap-x-4 gap-y-1">
            <FailureStatus status={status} />
            <IncidentsAbout id={group.id} />
          </span>
        }
      >
        <IncidentButton subject={{ id: group.id, title }} />
        <FailureActions group={group} />
      </PageHeader>
      <PageBody>
        <Panel>
          <Facts className="grid-cols-2 p-4 sm:grid-cols-3 lg:grid-cols-6">
            <Fact name="Happened">{plural(occurrences, 'time')}</Fact>
            <Fact name="First seen">
              <RelativeTime at={firstAt} />
            </Fact>
            <Fact name="Last seen">
              <RelativeTime at={lastAt} />
            </Fact>
            <Fact name="Owner">{owner ?? 'nobody'}</Fact>
            <Fact name="Acknowledged">{acknowledged ? `by ${acknowledged.by}` : 'no'}</Fact>
            {resolved ? (
              <Fact name="Resolved">
                {resolved.versions ? 'in the next version' : 'as of then'}, by {resolved.by}
              </Fact>
            ) : (
              <Fact name="Muted">{mutedUntil ? <RelativeTime at={mutedUntil} /> : 'no'}</Fact>
            )}
          </Facts>
        </Panel>
        <Panel title="What went wrong, the first time">
          <div className="space-y-2 p-4">
            <pre className="max-h-60 overflow-auto whitespace-pre-wrap break-words rounded-md bg-sunken p-3 font-mono text-xs">
              {message || title}
            </pre>
            {frames.length > 0 && (
              <ol className="font-mono text-xs text-ink-2" aria-label="Where, in your code">
                {frames.map((frame) => (
                  <li key={frame}>at {frame}</li>
                ))}
              </ol>
            )}
          </div>
        </Panel>
        <div className="grid gap-4 lg:grid-cols-2">
          <Panel title="Deployments">
            <ul className="divide-y divide-line">
              {deployments.map((each) => (
                <li key={each.id} className="flex items-baseline gap-4 px-4 py-2.5 text-sm">
                  {each.name ? (
                    <Link
                      href={paths.deployment(each.id)}
                      className="min-w-0 flex-1 truncate font-medium underline decoration-line-strong underline-offset-2"
                    >
                      {each.name}
                    </Link>
                  ) : (
                    <span className="min-w-0 flex-1 truncate text-ink-3">a deleted deployment</span>
                  )}
                  <span className="text-ink-2">{versionsOf(each)}</span>
                  <span className="tabular-nums">{formatCount(each.occurrences)}</span>
                </li>
              ))}
            </ul>
          </Panel>
          <Panel
            title="Latest runs"
            actions={
              <Link href={paths.runs({ q: `group:${group.id}` })} className="text-sm text-accent hover:underline">
                All runs
              </Link>
            }
          >
            {runs.length === 0 ? (
              <p className="px-4 py-5 text-sm text-ink-3">Its runs are gone with their time.</p>
            ) : (
              <ul className="divide-y divide-line">
                {runs.map((run) => (
                  <li key={run.id} className="flex items-baseline gap-4 px-4 py-2.5 text-sm">
                    <Link
                      href={paths.run(run.id)}
                      className="min-w-0 flex-1 truncate font-medium underline decoration-line-strong underline-offset-2"
                    >
                      {run.name}
                    </Link>
                    <RelativeTime at={run.at} className="text-ink-3" />
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

function versionsOf({ versions: { first, last } }: FailureGroup['deployments'][number]): string {
  return first === last ? `version ${first}` : `versions ${first} to ${last}`;
}
