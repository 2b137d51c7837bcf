'use client';
import type { Automation } from '@signalbox/proto/api';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import Link from 'next/link';
import { parseAsString, useQueryState } from 'nuqs';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { Button, buttonClass } from '../../../components/ui/button.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Input } from '../../../components/ui/field.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { Tag } from '../../../components/ui/tag.tsx';
import { actionWords } from '../../../features/automations/action-fields.ts';
import { AutomationSwitch } from '../../../features/automations/automation-actions.tsx';
import { FiringList } from '../../../features/automations/firing-list.tsx';
import { automationQueries } from '../../../features/automations/queries.ts';
import { triggerWords } from '../../../features/automations/trigger-words.ts';
import { May } from '../../../features/shell/session.tsx';
import { plural } from '../../../lib/format.ts';
import { useLive } from '../../../lib/live/live.tsx';
import { paths } from '../../../lib/paths.ts';
import { api } from '../../../lib/trpc/client.ts';

export function AutomationsPage() {
  const queryClient = useQueryClient();
  const [search, setSearch] = useQueryState('q', parseAsString.withDefault('').withOptions({ history: 'replace', throttleMs: 200 }));
  const automations = useInfiniteQuery({ ...automationQueries(api).list(search), placeholderData: (previous) => previous });
  const items = (automations.data?.pages.flatMap((page) => page.items) ?? []) as Automation[];
  // The firings below, too.
  useLive(
    () => true,
    () => void queryClient.invalidateQueries({ queryKey: ['automations'], refetchType: 'active' }, { cancelRefetch: false }),
    5_000,
  );
  return (
    <>
      <PageHeader title="Automations" description="What is done by itself when something happens, or does not">
        <Input
          type="search"
          data-search
          aria-label="Search automations by name"
          placeholder="Part of a name"
          className="!w-48"
          value={search}
          onChange={(event) => void setSearch(event.target.value)}
        />
        <May scope="automations:write">
          <Link href={paths.newAutomation()} className={buttonClass('primary')}>
            <Plus aria-hidden className="size-3.5" />
            New automation
          </Link>
        </May>
      </PageHeader>
      <PageBody>
        <Panel>
          {automations.isPending ? (
            <SkeletonRows />
          ) : automations.isError && items.length === 0 ? (
            <ErrorState error={automations.error} onRetry={() => void automations.refetch()} />
          ) : items.length === 0 ? (
            search ? (
              <EmptyState title="No automation by that name">
                <Button onClick={() => void setSearch('')}>Show all</Button>
              </EmptyState>
            ) : (
              <EmptyState title="No automation yet">
                <p>
                  A trigger watches events, figures or deadlines; actions run, retry or cancel something, pause it, or tell another system.
                  Begin with one that others need too.
                </p>
                <May scope="automations:write">
                  <Link href={paths.newAutomation()} className={buttonClass()}>
                    Choose a beginning
                  </Link>
                </May>
              </EmptyState>
            )
          ) : (
            <ul className="divide-y divide-line">
              {items.map((automation) => (
                <AutomationRow key={automation.id} automation={automation} />
              ))}
            </ul>
          )}
          {automations.hasNextPage && (
            <div className="border-t border-line p-3 text-center">
              <Button isBusy={automations.isFetchingNextPage} onClick={() => void automations.fetchNextPage()}>
                More
              </Button>
            </div>
          )}
        </Panel>
        {items.length > 0 && (
          <Panel title="Latest firings">
            <FiringList filter={{}} empty="None has fired yet." />
          </Panel>
        )}
      </PageBody>
    </>
  );
}

function AutomationRow({ automation }: { automation: Automation }) {
  const [first, ...rest] = automation.onTrigger;
  return (
    <li className="relative grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-hover lg:grid-cols-[auto_minmax(0,1.4fr)_minmax(0,1fr)_8rem]">
      <span className="relative z-10">
        <AutomationSwitch automation={automation} />
      </span>
      <div className="min-w-0">
        <Link
          href={paths.automation(automation.id)}
          className="block text-sm font-medium -outline-offset-2 after:absolute after:inset-0 max-lg:line-clamp-2 max-lg:[overflow-wrap:anywhere] lg:truncate"
        >
          {automation.name}
        </Link>
        <span className="block truncate text-xs text-ink-3">{triggerWords(automation.trigger)}</span>
        {automation.problem && <span className="block text-xs text-danger max-lg:line-clamp-3 lg:truncate">{automation.problem}</span>}
      </div>
      <span className="col-start-2 truncate text-sm text-ink-2 lg:col-start-auto">
        {first ? actionWords(first) : 'Does nothing'}
        {rest.length > 0 && ` and ${plural(rest.length, 'more', 'more')}`}
      </span>
      <span className="col-start-2 flex items-center gap-2 text-xs text-ink-3 lg:col-start-auto lg:justify-end">
        {automation.owner.kind === 'deployment' && <Tag>code</Tag>}
        {automation.openCount > 0 && <span className="text-late">{automation.openCount} open</span>}
        {automation.lastFiredAt ? <RelativeTime at={automation.lastFiredAt} /> : 'never fired'}
      </span>
    </li>
  );
}
