'use client';
import type { WorkPool } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { PageBody, PageHeader } from '../../../../components/layout/page-header.tsx';
import { EmptyState } from '../../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../../components/ui/error-state.tsx';
import { Panel } from '../../../../components/ui/panel.tsx';
import { SkeletonRows } from '../../../../components/ui/skeleton.tsx';
import { AgentList } from '../../../../features/agents/agent-list.tsx';
import { InstallAgentButton } from '../../../../features/agents/install-agent.tsx';
import { agentQueries } from '../../../../features/agents/queries.ts';
import { useMay } from '../../../../features/shell/session.tsx';
import { NumberForm } from '../../../../features/work-pools/number-form.tsx';
import { PoolActions } from '../../../../features/work-pools/pool-actions.tsx';
import { PoolStatus } from '../../../../features/work-pools/pool-status.tsx';
import { workPoolQueries } from '../../../../features/work-pools/queries.ts';
import { QueueTable } from '../../../../features/work-pools/queue-table.tsx';
import { SlotList } from '../../../../features/work-pools/slot-list.tsx';
import { SlotMeter } from '../../../../features/work-pools/slot-meter.tsx';
import { TemplateForm } from '../../../../features/work-pools/template-form.tsx';
import { formatCount } from '../../../../lib/format.ts';
import { useLive } from '../../../../lib/live/live.tsx';
import { api } from '../../../../lib/trpc/client.ts';
import Loading from './loading.tsx';

export function WorkPoolPage({ name }: { name: string }) {
  const pool = useQuery({ ...workPoolQueries(api).detail(name), refetchInterval: 15_000 });
  useLive(
    (event) => event.kind !== 'deployment',
    () => void pool.refetch({ cancelRefetch: false }),
    2_000,
  );
  if (pool.data) return <WorkPoolView pool={pool.data} />;
  return pool.isError ? <ErrorState error={pool.error} onRetry={() => void pool.refetch()} /> : <Loading />;
}

function WorkPoolView({ pool }: { pool: WorkPool }) {
  const may = useMay();
  const agents = useQuery(agentQueries(api).list(pool.name));
  useLive(
    (event) => event.kind === 'agent',
    () => void agents.refetch({ cancelRefetch: false }),
  );
  const items = agents.data?.items ?? [];
  return (
    <>
      <title>{`${pool.name} · Signalbox`}</title>
      <PageHeader title={pool.name} description={pool.description || `Launcher: ${pool.launcher}`}>
        <PoolActions pool={pool} />
        <InstallAgentButton pool={pool.name} variant="primary" />
      </PageHeader>
      <PageBody>
        <section aria-label="Status" className="grid gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-3">
          <div className="bg-surface px-4 py-3">
            <PoolStatus status={pool.status} />
            <p className="mt-1 text-sm text-ink-2">{pool.statusReason}</p>
          </div>
          <div className="bg-surface px-4 py-3">
            <p className="text-xs text-ink-3">Slots held</p>
            <p className="mt-1">
              <SlotMeter held={pool.slotsHeld} limit={pool.concurrencyLimit} label="slots held, as the gate counts them" />
            </p>
          </div>
          <div className="bg-surface px-4 py-3">
            <p className="text-xs text-ink-3">Runs waiting</p>
            <p className="mt-1 text-sm">{formatCount(pool.waiting)}</p>
          </div>
        </section>
        <SlotList pool={pool} />
        <Panel title="Agents">
          {agents.isError && items.length === 0 ? (
            <ErrorState error={agents.error} onRetry={() => void agents.refetch()} />
          ) : agents.isPending ? (
            <SkeletonRows count={2} />
          ) : items.length > 0 ? (
            <AgentList agents={items} isPoolShown={false} />
          ) : (
            <EmptyState title="No agent serves this pool">
              <p>Runs wait until one does. An agent is one command on a machine that can reach your code.</p>
              <InstallAgentButton pool={pool.name} />
            </EmptyState>
          )}
        </Panel>
        <div className="grid gap-4 lg:grid-cols-[minmax(0,1.6fr)_minmax(0,1fr)]">
          <QueueTable pool={pool} />
          <Panel title="Limit and cost">
            <div className="space-y-2 p-4">
              <NumberForm key={pool.concurrencyLimit} pool={pool} setting="concurrencyLimit" mayChange={may('pools:write', [pool.id])} />
              <p className="text-xs text-ink-3">Lowering it stops nothing that runs; the next run starts once there is room.</p>
              <NumberForm key={`cost ${pool.costPerHour}`} pool={pool} setting="costPerHour" mayChange={may('pools:write', [pool.id])} />
              <p className="text-xs text-ink-3">In your own currency; automations with a figure of cost go by it.</p>
            </div>
          </Panel>
        </div>
        {may('pools:write', [pool.id]) && (
          <Panel title="Job template">
            <TemplateForm pool={pool.name} />
          </Panel>
        )}
      </PageBody>
    </>
  );
}
