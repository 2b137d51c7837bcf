'use client';
import type { Schedule } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Field, Input, Select, Textarea } from '../../components/ui/field.tsx';
import { localTimeZone } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { calendarQueries } from '../calendars/queries.ts';
import { spanText } from './draft.ts';

type Kind = Schedule['spec']['kind'];

const PATTERN: Record<Kind, { label: string; hint: string; placeholder: string }> = {
  cron: {
    label: 'Cron expression',
    hint: 'Minute, hour, day of month, month, weekday; seconds may go first.',
    placeholder: '0 6 * * MON-FRI',
  },
  interval: {
    label: 'Every',
    hint: 'Such as 90s, 15m, 6h or 1d, in elapsed time. With a time zone, whole days follow its clock.',
    placeholder: '15m',
  },
  rrule: {
    label: 'Recurrence rule',
    hint: 'RFC 5545: the parts of a rule, or lines of DTSTART, RRULE, RDATE and EXDATE.',
    placeholder: 'FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=17',
  },
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
      <Field label="Time zone">
        {(control) => (
          <Input
            {...control}
            key={kind}
            name="timezone"
            list="time-zones"
            placeholder={kind === 'interval' ? 'none: elapsed time' : 'UTC'}
            defaultValue={schedule?.spec.kind === kind ? schedule.spec.timezone : kind === 'interval' ? '' : localTimeZone()}
          />
        )}
      </Field>
      <datalist id="time-zones">
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <div className="sm:col-span-2">
        <Field label={label} hint={hint} isRequired>
          {(control) => {
            const pattern = { ...control, name: 'pattern', required: true, placeholder, defaultValue: patternOf(schedule, kind) };
            // A recurrence can have several lines, which an input would join.
            if (kind === 'rrule') return <Textarea {...pattern} rows={3} className="font-mono" autoComplete="off" />;
            return <Input {...pattern} key={kind} className="font-mono" autoComplete="off" />;
          }}
        </Field>
      </div>
      {kind === 'cron' && (
        <Field label="Day of month and weekday both given">
          {(control) => (
            <Select {...control} name="dayAnd" defaultValue={schedule?.spec.kind === 'cron' && schedule.spec.dayAnd ? 'both' : 'either'}>
              <option value="either">either matches</option>
              <option value="both">both must match</option>
            </Select>
          )}
        </Field>
      )}
      {kind === 'interval' && (
        <Field label="Counts from (UTC)" hint="Empty: 1970-01-01T00:00.">
          {(control) => (
            <Input
              {...control}
              name="anchorAt"
              type="datetime-local"
              defaultValue={schedule?.spec.kind === 'interval' ? schedule.spec.anchorAt?.slice(0, 16) : undefined}
            />
          )}
        </Field>
      )}
    </div>
  );
}

function patternOf(schedule: Schedule | null, kind: Kind): string {
  if (schedule?.spec.kind !== kind) return '';
  const { spec } = schedule;
  return spec.kind === 'cron' ? spec.cron : spec.kind === 'rrule' ? spec.rrule : spanText(spec.everyMs);
}

const CHOICES = {
  overlap: {
    label: 'While a run has not ended',
    options: { allow: 'start another', skip: 'leave the fire out', queue: 'wait its turn', 'cancel-older': 'cancel the older run' },
  },
  catchUp: { label: 'After an outage', options: { latest: 'the latest missed fire', skip: 'none', all: 'all missed within a time' } },
  dstGap: { label: 'Time the clock leaves out', options: { auto: 'as usual', shift: 'right after the gap', skip: 'not at all' } },
  dstOverlap: {
    label: 'Time the clock shows twice',
    options: { auto: 'as usual', first: 'the first', second: 'the second', both: 'both' },
  },
} as const;

/** How it fires, and what its runs get. */
export function RuleFields({ schedule, parametersError }: { schedule: Schedule | null; parametersError: string | null }) {
  const calendars = useQuery(calendarQueries(api).list());
  const [calendar, setCalendar] = useState(schedule?.calendar ?? '');
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
          <Select {...control} name="calendar" value={calendar} onChange={(event) => setCalendar(event.target.value)}>
            <option value="">none: open on all days</option>
            {(calendars.data?.map(({ name }) => name) ?? (calendar ? [calendar] : [])).map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {calendar !== '' && (
        <Field label="On a day it closes" hint="Moved at the same time of day; for patterns that name hours.">
          {(control) => (
            <Select {...control} name="onClosedDay" defaultValue={schedule?.onClosedDay}>
              <option value="skip">no fire</option>
              <option value="next">on the next open day</option>
              <option value="previous">on the previous open day</option>
            </Select>
          )}
        </Field>
      )}
      <Field label="Jitter" hint="Runs start up to this much later, such as 5m.">
        {(control) => (
          <Input {...control} name="jitter" pattern="\d+\s*(ms|s|m|h|d)" defaultValue={schedule ? spanText(schedule.jitterMs) : ''} />
        )}
      </Field>
      <Field label="All missed within" hint="For all after an outage: 1m to 30d.">
        {(control) => (
          <Input
            {...control}
            name="catchUpWindow"
            pattern="\d+\s*(ms|s|m|h|d)"
            placeholder="1d"
            defaultValue={schedule ? spanText(schedule.catchUpWindowMs) : ''}
          />
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
      <div className="sm:col-span-2">
        <Field label="Parameters" hint="Over those of the deployment." error={parametersError}>
          {(control) => (
            <Textarea
              {...control}
              name="parameters"
              rows={3}
              className="font-mono"
              placeholder='{"city": "Rome"}'
              defaultValue={Object.keys(schedule?.parameters ?? {}).length > 0 ? JSON.stringify(schedule?.parameters, null, 2) : ''}
              autoComplete="off"
            />
          )}
        </Field>
      </div>
    </div>
  );
}
