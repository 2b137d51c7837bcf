'use client';
import type { Deployment } from '@signalbox/proto/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { PageBody, PageHeader } from '../../../../components/layout/page-header.tsx';
import { CodeBlock } from '../../../../components/ui/code-block.tsx';
import { ErrorState } from '../../../../components/ui/error-state.tsx';
import { Notice } from '../../../../components/ui/notice.tsx';
import { Fact, Facts, Panel } from '../../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../../components/ui/relative-time.tsx';
import { Tag } from '../../../../components/ui/tag.tsx';
import { PauseButton, RunButton } from '../../../../features/deployments/deployment-actions.tsx';
import { EffectiveConfig } from '../../../../features/deployments/effective-config.tsx';
import { deploymentQueries } from '../../../../features/deployments/queries.ts';
import { VersionList } from '../../../../features/deployments/version-list.tsx';
import { Markdown } from '../../../../features/runs/artifacts/markdown.tsx';
import { RecentRuns } from '../../../../features/runs/recent-runs.tsx';
import { RunHistoryChart } from '../../../../features/runs/run-history-chart.tsx';
import { BackfillPanel } from '../../../../features/schedules/backfill-panel.tsx';
import { SchedulePanel } from '../../../../features/schedules/schedule-panel.tsx';
import { SlaPanel } from '../../../../features/slas/sla-panel.tsx';
import { formatSpan, plural, shortDigest } from '../../../../lib/format.ts';
import { useLive } from '../../../../lib/live/live.tsx';
import { paths } from '../../../../lib/paths.ts';
import { api } from '../../../../lib/trpc/client.ts';
import Loading from './loading.tsx';

const WHEN_FULL = {
  ENQUEUE: 'new runs wait',
  CANCEL_NEW: 'new runs are cancelled',
  CANCEL_OLD: 'the oldest runs are cancelled',
} as const;

export function DeploymentPage({ id }: { id: string }) {
  const deployment = useQuery(deploymentQueries(api).detail(id));
  const queryClient = useQueryClient();
  useLive(
    (event) => event.kind === 'deployment',
    () => void queryClient.invalidateQueries({ queryKey: ['deployments'] }),
  );
  if (deployment.data) return <DeploymentView deployment={deployment.data} />;
  return deployment.isError ? <ErrorState error={deployment.error} onRetry={() => void deployment.refetch()} /> : <Loading />;
}

function DeploymentView({ deployment }: { deployment: Deployment }) {
  const fullName = `${deployment.flow.name}/${deployment.name}`;
  return (
    <>
      <title>{`${fullName} · Signalbox`}</title>
      <PageHeader
        title={
          <>
            <span className="text-ink-3">{deployment.flow.name}/</span>
            {deployment.name}
          </>
        }
        description={
          <span className="flex flex-wrap gap-1">
            {deployment.tags.map((tag) => (
              <Tag key={tag}>{tag}</Tag>
            ))}
          </span>
        }
      >
        <PauseButton deployment={deployment} />
        <RunButton deployment={deployment} isPrimary />
      </PageHeader>
      <PageBody>
        {deployment.paused && (
          <Notice tone="warn" title="Paused">
            Runs that are due wait, and schedules make none, until it is resumed.
          </Notice>
        )}
        <div className="grid gap-4 xl:grid-cols-[minmax(0,1.6fr)_minmax(0,1fr)]">
          <div className="space-y-4">
            {deployment.description && (
              <Panel>
                <div className="px-4 py-3">
                  <Markdown text={deployment.description} />
                </div>
              </Panel>
            )}
            <Panel
              title="Recent runs"
              actions={
                <Link href={paths.runs({ deployment: fullName })} className="text-sm text-accent hover:underline">
                  All runs
                </Link>
              }
            >
              <div className="px-4 pt-3">
                <RunHistoryChart filterKey={deployment.id} filterAt={() => ({ deployments: [deployment.id] })} rangeMs={7 * 86_400_000} />
              </div>
              <RecentRuns deployment={deployment.id} />
            </Panel>
            <EffectiveConfig deployment={deployment.id} />
          </div>
          <div className="space-y-4">
            <SchedulePanel deployment={deployment} />
            <SlaPanel about={{ deployment: deployment.id }} />
            <BackfillPanel deployment={deployment} />
            <Panel title="Where and how">
              <Facts className="grid-cols-2 p-4">
                <Fact name="Work pool">
                  {deployment.pool ? (
                    <Link href={paths.workPool(deployment.pool.name)} className="text-accent hover:underline">
                      {deployment.pool.name}
                    </Link>
                  ) : (
                    <span className="text-danger">deleted</span>
                  )}
                </Fact>
                <Fact name="Queue">{deployment.queue ?? 'default'}</Fact>
                <Fact name="At once">{deployment.concurrencyLimit === null ? 'no limit' : plural(deployment.concurrencyLimit, 'run')}</Fact>
                {deployment.concurrency?.key && (
                  <Fact name="At once by key">
                    {deployment.concurrency.limit} of <code className="text-xs">{deployment.concurrency.key}</code>
                  </Fact>
                )}
                {deployment.concurrency && <Fact name="When full">{WHEN_FULL[deployment.concurrency.strategy]}</Fact>}
                <Fact name="Timeout">{deployment.timeoutMs === null ? 'none' : formatSpan(deployment.timeoutMs)}</Fact>
                <Fact name="Retries">
                  {deployment.retry.retries === 0
                    ? 'none'
                    : `${deployment.retry.retries}, after ${deployment.retry.delaysMs.map(formatSpan).join(', ')}`}
                </Fact>
                <Fact name="Deployed">
                  <RelativeTime at={deployment.updatedAt} />
                </Fact>
                <Fact name="Code">
                  <code title={deployment.digest} className="text-xs">
                    {shortDigest(deployment.digest)}
                  </code>
                </Fact>
                <Fact name="Export">
                  <code className="text-xs">{deployment.source.exportName}</code>
                </Fact>
              </Facts>
              <div className="border-t border-line px-4 py-3">
                <Fact name={deployment.source.kind === 'path' ? 'Path on the agent' : 'Module'}>
                  <code className="text-xs [overflow-wrap:anywhere]">
                    {deployment.source.kind === 'path'
                      ? `${deployment.source.root}/${deployment.source.entrypoint}`
                      : deployment.source.module}
                  </code>
                </Fact>
              </div>
            </Panel>
            <Panel title="Versions">
              <VersionList deployment={deployment.id} />
            </Panel>
            <Panel title="From a terminal">
              <div className="p-3">
                <CodeBlock label="Command" text={`signalbox run ${fullName} --watch`} />
              </div>
            </Panel>
          </div>
        </div>
      </PageBody>
    </>
  );
}
