'use client';
import type { TriggerInput } from '@signalbox/proto/api';
import { useMutation } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Select } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { formatCount, plural } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';

const SHOWN = 8;

/** Plays a trigger on what was: events, or the runs that a figure or deadline looks at. */
export function WouldHaveFired({ trigger }: { trigger: TriggerInput }) {
  const [days, setDays] = useState(7);
  const test = useMutation({ mutationFn: () => api.automations.test.query({ trigger, days }), onError: () => {} });
  const looked = trigger.type === 'metric' || trigger.type === 'deadline' ? 'run' : 'event';
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center gap-2">
        <Button isBusy={test.isPending} onClick={() => test.mutate()}>
          Try it on the past
        </Button>
        <Select aria-label="How far back" className="!w-36" value={days} onChange={(event) => setDays(Number(event.target.value))}>
          {[1, 7, 14, 30].map((each) => (
            <option key={each} value={each}>
              {plural(each, 'day')}
            </option>
          ))}
        </Select>
      </div>
      {test.error && <Notice tone="danger" role="alert" title={readError(test.error).message} />}
      {test.data && (
        <div role="status" className="text-sm">
          <p className="font-medium">
            {test.data.count === 0 ? 'Would not have fired' : `Would have fired ${plural(test.data.count, 'time')}`} since{' '}
            <RelativeTime at={test.data.since} />
          </p>
          <p className="text-xs text-ink-3">Looked at: {plural(test.data.events, looked)}.</p>
          <ol className="mt-2 space-y-0.5">
            {test.data.firings
              .slice(-SHOWN)
              .toReversed()
              .map(({ at, key, event }) => (
                <li key={`${at} ${key} ${event?.id}`} className="flex gap-3 text-xs">
                  <RelativeTime at={at} className="w-24 shrink-0 text-ink-3" />
                  {event && event.position === 0 ? (
                    <span className="truncate">
                      {event.resource['path'] || event.resource['name'] || event.resource['id']}
                      {trigger.type === 'metric' && `: ${formatCount(Math.round(Number(event.payload['value']) * 1_000) / 1_000)}`}
                    </span>
                  ) : event ? (
                    <Link href={paths.event(event.position)} className="truncate underline decoration-line-strong underline-offset-2">
                      {event.name} of {event.resource['name'] || event.resource['id']}
                    </Link>
                  ) : (
                    <span className="truncate">nothing came{key && ` (${key})`}</span>
                  )}
                </li>
              ))}
          </ol>
        </div>
      )}
    </div>
  );
}
