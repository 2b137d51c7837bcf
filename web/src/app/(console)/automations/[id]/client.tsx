'use client';
import type { Automation } from '@signalbox/proto/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Pencil } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { PageBody, PageHeader } from '../../../../components/layout/page-header.tsx';
import { Button } from '../../../../components/ui/button.tsx';
import { ErrorState } from '../../../../components/ui/error-state.tsx';
import { Notice } from '../../../../components/ui/notice.tsx';
import { Fact, Facts, Panel } from '../../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../../../components/ui/skeleton.tsx';
import { actionWords } from '../../../../features/automations/action-fields.ts';
import { AutomationSwitch, DeleteAutomationButton, ResetAutomationButton } from '../../../../features/automations/automation-actions.tsx';
import { AutomationForm } from '../../../../features/automations/automation-form.tsx';
import { draftOf } from '../../../../features/automations/draft.ts';
import { FiringList } from '../../../../features/automations/firing-list.tsx';
import { automationQueries } from '../../../../features/automations/queries.ts';
import { triggerWords } from '../../../../features/automations/trigger-words.ts';
import { May } from '../../../../features/shell/session.tsx';
import { useLive } from '../../../../lib/live/live.tsx';
import { paths } from '../../../../lib/paths.ts';
import { api } from '../../../../lib/trpc/client.ts';

export function AutomationPage({ id }: { id: string }) {
  const queryClient = useQueryClient();
  const [isEditing, setEditing] = useState(false);
  const found = useQuery(automationQueries(api).detail(id));
  useLive(
    () => !isEditing,
    () => void queryClient.invalidateQueries({ queryKey: ['automations'], refetchType: 'active' }, { cancelRefetch: false }),
    3_000,
  );
  if (found.isPending) return <SkeletonRows />;
  if (found.isError && !found.data) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  const automation = found.data as Automation;
  if (isEditing)
    return (
      <>
        <PageHeader title={`Change ${automation.name}`} />
        <PageBody>
          <AutomationForm initial={draftOf(automation)} automation={automation} onDone={() => setEditing(false)} />
        </PageBody>
      </>
    );
  return (
    <>
      <PageHeader title={automation.name} description={automation.description || triggerWords(automation.trigger)}>
        <AutomationSwitch automation={automation} />
        <May scope="automations:write">
          <DeleteAutomationButton automation={automation} />
          <Button variant="primary" onClick={() => setEditing(true)}>
            <Pencil aria-hidden className="size-3.5" />
            Change
          </Button>
        </May>
      </PageHeader>
      <PageBody>
        {automation.problem && <Notice tone="warn" title={automation.problem} />}
        {automation.overlay && (
          <Notice tone="info" title={`${automation.overlay.by} laid ${automation.overlay.fields.join(', ')} over what code says`}>
            <div className="flex flex-wrap items-center gap-3">
              <span className="flex-1">
                {automation.overlay.reason && `${automation.overlay.reason}, `}
                <RelativeTime at={automation.overlay.at} />
              </span>
              <ResetAutomationButton automation={automation} />
            </div>
          </Notice>
        )}
        <div className="grid gap-4 lg:grid-cols-[2fr_1fr]">
          <Panel title="What it does">
            <div className="space-y-3 p-4 text-sm">
              <p>
                <span className="mr-2 text-xs text-ink-3">When</span>
                {triggerWords(automation.trigger)}
              </p>
              <ActionList label="Then" actions={automation.onTrigger} />
              {automation.onResolve.length > 0 && <ActionList label="When it is over" actions={automation.onResolve} />}
            </div>
          </Panel>
          <Panel title="Whose it is">
            <Facts className="p-4">
              <Fact name="Owner">
                {automation.owner.deployment ? (
                  <Link
                    href={paths.deployment(automation.owner.deployment.id)}
                    className="underline decoration-line-strong underline-offset-2"
                  >
                    {automation.owner.deployment.path}
                  </Link>
                ) : (
                  automation.owner.name
                )}
              </Fact>
              <Fact name="Fired last">{automation.lastFiredAt ? <RelativeTime at={automation.lastFiredAt} /> : 'never'}</Fact>
              <Fact name="Not over yet">{automation.openCount}</Fact>
              <Fact name="Changed">
                <RelativeTime at={automation.updatedAt} />
              </Fact>
            </Facts>
          </Panel>
        </div>
        <Panel title="Firings">
          <FiringList filter={{ automation: id }} empty="It has not fired yet. “Change” can try its trigger on the past." />
        </Panel>
      </PageBody>
    </>
  );
}

function ActionList({ label, actions }: { label: string; actions: Automation['onTrigger'] }) {
  return (
    <div className="flex gap-2">
      <span className="text-xs leading-5 text-ink-3">{label}</span>
      {actions.length === 0 ? (
        <span>nothing</span>
      ) : (
        <ol className="min-w-0 flex-1 space-y-1">
          {actions.map((action, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an action has no name but its place.
            <li key={index} className="truncate">
              {actionWords(action)}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
