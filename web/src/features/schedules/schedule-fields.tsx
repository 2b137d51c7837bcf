'use client';
import type { Schedule } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Field, Input, Select } from '../../components/ui/field.tsx';
import { localTimeZone } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { calendarQueries } from '../calendars/queries.ts';

type Kind = Schedule['spec']['kind'];

const PATTERN: Record<Kind, { label: string; hint: string; placeholder: string }> = {
  cron: {
    label: 'Cron expression',
    hint: 'Minute, hour, day of month, month, weekday; seconds may go first.',
    placeholder: '0 6 * * MON-FRI',
  },
  interval: { label: 'Every', hint: 'Such as 90s, 15m, 6h or 1d, in elapsed time.', placeholder: '15m' },
  rrule: { label: 'Recurrence rule', hint: 'RFC 5545.', placeholder: 'FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=17' },
};

/** When it fires. */
export function PatternFields({ schedule }: { schedule: Schedule | null }) {
  const [kind, setKind] = useState<Kind>(schedule?.spec.kind ?? 'cron');
  const { label, hint, placeholder } = PATTERN[kind];
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label="Kind">
        {(control) => (
          <Select {...control} name="kind" value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
            <option value="cron">Cron</option>
            <option value="interval">Interval</option>
            <option value="rrule">Recurrence rule</option>
          </Select>
        )}
      </Field>
      {kind !== 'interval' && (
        <Field label="Time zone">
          {(control) => (
            <Input
              {...control}
              name="timezone"
              list="time-zones"
              defaultValue={schedule && schedule.spec.kind !== 'interval' ? schedule.spec.timezone : localTimeZone()}
            />
          )}
        </Field>
      )}
      <datalist id="time-zones">
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <div className="sm:col-span-2">
        <Field label={label} hint={hint} isRequired>
          {(control) => (
            <Input
              {...control}
              key={kind}
              name="pattern"
              required
              placeholder={placeholder}
              defaultValue={patternOf(schedule, kind)}
              className="font-mono"
              autoComplete="off"
            />
          )}
        </Field>
      </div>
    </div>
  );
}

function patternOf(schedule: Schedule | null, kind: Kind): string {
  if (schedule?.spec.kind !== kind) return '';
  const { spec } = schedule;
  return spec.kind === 'cron' ? spec.cron : spec.kind === 'rrule' ? spec.rrule : shortSpan(spec.everyMs);
}

/** `15m`: the largest unit that is whole. */
function shortSpan(ms: number): string {
  if (ms === 0) return '';
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
  ] as const;
  const [size, unit] = units.find(([each]) => ms % each === 0) ?? ([1_000, 's'] as const);
  return `${ms / size}${unit}`;
}

const CHOICES = {
  overlap: {
    label: 'While a run has not ended',
    options: { allow: 'start another', skip: 'leave the fire out', queue: 'wait its turn', 'cancel-older': 'cancel the older run' },
  },
  catchUp: { label: 'After an outage', options: { latest: 'the latest missed fire', skip: 'none', all: 'all missed within a day' } },
  dstGap: { label: 'Time the clock leaves out', options: { auto: 'as usual', shift: 'right after the gap', skip: 'not at all' } },
  dstOverlap: {
    label: 'Time the clock shows twice',
    options: { auto: 'as usual', first: 'the first', second: 'the second', both: 'both' },
  },
} as const;

/** How it fires. */
export function RuleFields({ schedule }: { schedule: Schedule | null }) {
  const calendars = useQuery(calendarQueries(api).list());
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {(Object.keys(CHOICES) as (keyof typeof CHOICES)[]).map((name) => (
        <Field key={name} label={CHOICES[name].label}>
          {(control) => (
            <Select {...control} name={name} defaultValue={schedule?.[name]}>
              {Object.entries(CHOICES[name].options).map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </Select>
          )}
        </Field>
      ))}
      <Field label="Calendar">
        {(control) => (
          <Select {...control} name="calendar" key={calendars.data ? 'read' : 'unread'} defaultValue={schedule?.calendar ?? ''}>
            <option value="">none: open on all days</option>
            {(calendars.data ?? []).map(({ id, name }) => (
              <option key={id} value={name}>
                {name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Jitter" hint="Runs start up to this much later, such as 5m.">
        {(control) => (
          <Input {...control} name="jitter" pattern="\d+\s*[smhd]" defaultValue={schedule ? shortSpan(schedule.jitterMs) : ''} />
        )}
      </Field>
      <Field label="Starts (UTC)">
        {(control) => <Input {...control} name="startsAt" type="datetime-local" defaultValue={schedule?.startsAt?.slice(0, 16)} />}
      </Field>
      <Field label="Ends (UTC)">
        {(control) => <Input {...control} name="endsAt" type="datetime-local" defaultValue={schedule?.endsAt?.slice(0, 16)} />}
      </Field>
      <Field label="Instant as parameter" hint="Name of the parameter that receives the instant of the fire.">
        {(control) => (
          <Input {...control} name="instantParameter" maxLength={100} defaultValue={schedule?.instantParameter ?? ''} autoComplete="off" />
        )}
      </Field>
    </div>
  );
}
