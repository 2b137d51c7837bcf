'use client';
import type { Delivery, DeliveryStatus } from '@signalbox/proto/api';
import { Button } from '../../components/ui/button.tsx';
import { Lamp } from '../../components/ui/lamp.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Severity } from '../../components/ui/severity.tsx';
import { plural } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { May } from '../shell/session.tsx';

const COLOR: Readonly<Record<DeliveryStatus, string>> = {
  queued: 'text-ink-2',
  held: 'text-warn',
  sent: 'text-good',
  failed: 'text-danger',
};

export function DeliveryList({ deliveries }: { deliveries: readonly Delivery[] }) {
  return (
    <ul className="divide-y divide-line">
      {deliveries.map((delivery) => (
        <DeliveryRow key={delivery.id} delivery={delivery} />
      ))}
    </ul>
  );
}

function DeliveryRow({ delivery }: { delivery: Delivery }) {
  const { id, channel, status, severity, subject, isRecovery, occurrences, attempts, nextAttemptAt, createdAt } = delivery;
  const resend = useWrite(() => api.notifications.resend.mutate({ delivery: id }), {
    done: 'It is tried again',
    stale: [['notifications']],
  });
  const error = attempts.at(-1)?.error;
  return (
    <li className="grid grid-cols-[5.5rem_minmax(0,1fr)_auto] items-start gap-x-4 gap-y-1 px-4 py-2.5">
      <span className={`inline-flex items-center gap-1.5 pt-px text-sm ${COLOR[status]}`}>
        <Lamp className={COLOR[status]} />
        {status}
      </span>
      <div className="min-w-0">
        <p className="truncate text-sm">
          {isRecovery && <span className="text-good">over: </span>}
          {subject}
        </p>
        <p className="flex flex-wrap gap-x-3 text-xs text-ink-3">
          <span>{channel.name}</span>
          <Severity level={severity} />
          {occurrences > 1 && <span>{plural(occurrences, 'time')}</span>}
          {attempts.length > 1 && <span>{plural(attempts.length, 'attempt')}</span>}
          {nextAttemptAt && (
            <span>
              {status === 'held' ? 'goes out' : 'next try'} <RelativeTime at={nextAttemptAt} />
            </span>
          )}
        </p>
        {error && status !== 'sent' && <p className="mt-0.5 break-words text-xs text-danger">{error}</p>}
      </div>
      <span className="flex items-center gap-2 text-sm text-ink-3">
        <RelativeTime at={createdAt} />
        {status === 'failed' && (
          <May scope="notifications:write">
            <Button size="sm" isBusy={resend.isPending} onClick={() => resend.mutate(undefined)}>
              Send again
            </Button>
          </May>
        )}
      </span>
    </li>
  );
}
