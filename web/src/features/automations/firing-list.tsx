'use client';
import type { AutomationFiring, FiredAction } from '@signalbox/proto/api';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, CircleDashed, CircleSlash, type LucideIcon, RotateCw } from 'lucide-react';
import Link from 'next/link';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { cn } from '../../lib/class-names.ts';
import { plural } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { thingHref } from '../events/event-look.ts';
import { IncidentButton } from '../incidents/incident-about.tsx';
import { May } from '../shell/session.tsx';
import { ACTION_FORMS } from './action-fields.ts';
import { automationQueries, type FiringFilter } from './queries.ts';

const LOOK: Record<FiredAction['status'], { icon: LucideIcon; color: string; word: string }> = {
  waiting: { icon: CircleDashed, color: 'text-(--state-pending)', word: 'waits' },
  done: { icon: CircleCheck, color: 'text-good', word: 'done' },
  failed: { icon: CircleAlert, color: 'text-danger', word: 'gave up' },
  skipped: { icon: CircleSlash, color: 'text-ink-3', word: 'skipped' },
};

/** When automations fired, why, and what each action came to. */
export function FiringList({ filter, empty }: { filter: FiringFilter; empty: string }) {
  const firings = useInfiniteQuery(automationQueries(api).firings(filter));
  const items = firings.data?.pages.flatMap((page) => page.items) ?? [];
  if (firings.isPending) return <SkeletonRows count={3} />;
  if (firings.isLoadingError) return <ErrorState error={firings.error} onRetry={() => void firings.refetch()} />;
  if (items.length === 0) return <p className="p-4 text-sm text-ink-3">{empty}</p>;
  return (
    <>
      <ol aria-label="Firings" className="divide-y divide-line">
        {items.map((firing) => (
          <Firing key={firing.id} firing={firing as AutomationFiring} isNamed={filter.automation === undefined} />
        ))}
      </ol>
      {firings.hasNextPage && (
        <div className="border-t border-line p-3 text-center">
          <Button isBusy={firings.isFetchingNextPage} onClick={() => void firings.fetchNextPage()}>
            Older
          </Button>
        </div>
      )}
    </>
  );
}

function Firing({ firing, isNamed }: { firing: AutomationFiring; isNamed: boolean }) {
  return (
    <li className="px-4 py-3 text-sm">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
        <span aria-hidden className={cn('lamp', firing.kind === 'resolved' ? 'text-good' : 'text-late')} />
        {isNamed && (
          <Link href={paths.automation(firing.automation.id)} className="font-medium underline decoration-line-strong underline-offset-2">
            {firing.automation.name}
          </Link>
        )}
        <span className={isNamed ? 'text-ink-2' : 'font-medium'}>
          {firing.kind === 'resolved' ? 'Resolved: ' : ''}
          {firing.event && firing.event.position > 0 ? (
            <Link href={paths.event(firing.event.position)} className="underline decoration-line-strong underline-offset-2">
              {firing.why}
            </Link>
          ) : (
            firing.why
          )}
        </span>
        {firing.key.length > 0 && <code className="max-w-64 truncate text-xs text-ink-3">{firing.key.join(', ')}</code>}
        <span className="flex-1" />
        {firing.kind === 'triggered' && (
          <IncidentButton size="sm" subject={{ id: firing.id, title: `${firing.automation.name}: ${firing.why}` }} />
        )}
        <span className="text-xs text-ink-3">
          <RelativeTime at={firing.at} />
        </span>
      </div>
      {firing.parts.length > 0 && (
        <ol aria-label="What took part" className="mt-1 flex flex-wrap gap-x-3 gap-y-0.5 pl-5 text-xs text-ink-3">
          {firing.parts.map(({ part, at, event }) => (
            <li key={`${part} ${at} ${event?.id}`}>
              {part + 1}.{' '}
              {event ? (
                <Link href={paths.event(event.position)} className="text-ink-2 underline decoration-line-strong underline-offset-2">
                  {event.name} of {event.resource['name'] || event.resource['id']}
                </Link>
              ) : (
                'nothing came'
              )}
            </li>
          ))}
        </ol>
      )}
      {firing.actions.length > 0 && (
        <ol className="mt-1.5 space-y-1 pl-5">
          {firing.actions.map((action) => (
            <Action key={action.id} action={action} />
          ))}
        </ol>
      )}
    </li>
  );
}

function Action({ action }: { action: FiredAction }) {
  const queryClient = useQueryClient();
  const { icon: Icon, color, word } = LOOK[action.status];
  const last = action.attempts.at(-1);
  const href = action.target && thingHref(action.target);
  const again = useMutation({
    mutationFn: () => api.automations.retryAction.mutate({ action: action.id }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['automations', 'firings'] }),
    onError: (error) => toast.error('Could not try it again', { description: readError(error).message }),
  });
  const label = ACTION_FORMS[action.type as keyof typeof ACTION_FORMS]?.label ?? action.type;
  return (
    <li className="flex flex-wrap items-baseline gap-x-2">
      <span className={cn('inline-flex items-baseline gap-1.5', color)}>
        <Icon aria-hidden className="size-3.5 translate-y-0.5" />
        {label}: {word}
      </span>
      {last && (
        <span className="min-w-0 text-xs text-ink-2 [overflow-wrap:anywhere]">
          {href ? (
            <Link href={href} className="underline decoration-line-strong underline-offset-2 hover:decoration-ink">
              {last.message}
            </Link>
          ) : (
            last.message
          )}
          {action.attempts.length > 1 && `, after ${plural(action.attempts.length, 'try', 'tries')}`}
        </span>
      )}
      {action.status === 'waiting' && action.attempts.length > 0 && action.nextAttemptAt && (
        <span className="text-xs text-ink-3">
          again <RelativeTime at={action.nextAttemptAt} />
        </span>
      )}
      {action.status === 'failed' && (
        <May scope="automations:write">
          <Button size="sm" variant="quiet" isBusy={again.isPending} onClick={() => again.mutate()}>
            <RotateCw aria-hidden className="size-3" />
            Try again
          </Button>
        </May>
      )}
    </li>
  );
}
