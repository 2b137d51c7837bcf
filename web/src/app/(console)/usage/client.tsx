'use client';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Fact, Facts, Panel } from '../../../components/ui/panel.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { DAYS, type Span, usageQueries } from '../../../features/usage/queries.ts';
import { slotsOf, UsageChart } from '../../../features/usage/usage-chart.tsx';
import { UsageList } from '../../../features/usage/usage-list.tsx';
import { formatCount } from '../../../lib/format.ts';
import { api } from '../../../lib/trpc/client.ts';

export function UsagePage() {
  const usage = useQuery({ ...usageQueries(api).now(), refetchInterval: 10_000 });
  return (
    <>
      <PageHeader title="Usage" description="What this workspace uses, and how much of it it may" />
      <PageBody>
        <Panel title="Now">
          {usage.isPending ? (
            <SkeletonRows />
          ) : usage.isError ? (
            <ErrorState error={usage.error} onRetry={() => void usage.refetch()} />
          ) : (
            <UsageList usage={usage.data} />
          )}
        </Panel>
        <History />
        {usage.data && (
          <Panel title="The same for every workspace">
            <Facts className="grid-cols-2 p-4 md:grid-cols-4">
              {usage.data.fixed.map(({ name, most, unit }) => (
                <Fact key={name} name={name}>
                  {formatCount(most)} {unit}
                </Fact>
              ))}
            </Facts>
          </Panel>
        )}
      </PageBody>
    </>
  );
}

function History() {
  const [by, setBy] = useState<Span>('hour');
  const history = useQuery(usageQueries(api).history(by));
  const choice = (span: Span, text: string) => (
    <Button size="sm" aria-pressed={by === span} variant={by === span ? 'secondary' : 'quiet'} onClick={() => setBy(span)}>
      {text}
    </Button>
  );
  return (
    <Panel
      title="Over time"
      actions={
        <>
          {choice('hour', 'By the hour')}
          {choice('day', 'By the day')}
        </>
      }
    >
      {history.isPending ? (
        <SkeletonRows count={2} />
      ) : history.isError ? (
        <ErrorState error={history.error} onRetry={() => void history.refetch()} />
      ) : history.data.items.length === 0 ? (
        <EmptyState title="Nothing was used yet">
          <p>What is called, run, told and logged is counted by the hour and shown here, 90 days long.</p>
        </EmptyState>
      ) : (
        <div className="grid gap-6 p-4 md:grid-cols-2">
          {(['apiCalls', 'runs', 'events', 'logBytes'] as const).map((kind) => (
            <UsageChart key={kind} kind={kind} items={history.data.items} slots={slotsOf(by, DAYS[by], Date.now())} />
          ))}
        </div>
      )}
    </Panel>
  );
}
