/** The options of a schedule that a person makes or changes, and what the API takes of them. */
import type { createScheduleInput, ScheduleSpec } from '@signalbox/proto/api';
import type { Command } from 'commander';
import type { z } from 'zod';
import type { Duration } from '../../../duration.ts';
import { toMs } from '../../../duration.ts';
import { CliError } from '../../cli-error.ts';
import type { GlobalOptions } from '../../context.ts';
import { oneOf } from '../../option-values.ts';

export interface SpecOptions {
  cron?: string;
  dayAnd?: boolean;
  rrule?: string;
  every?: string;
  anchor?: string;
  timezone?: string;
}

export interface ScheduleOptions extends GlobalOptions, SpecOptions {
  start?: string;
  end?: string;
  jitter?: string;
  catchUp?: string;
  catchUpWindow?: string;
  overlap?: string;
  dstGap?: string;
  dstOverlap?: string;
  calendar?: string;
  onClosedDay?: string;
  instantParameter?: string;
  params?: string;
}

type Rules = Omit<Partial<z.input<typeof createScheduleInput>>, 'deployment' | 'slug' | 'spec' | 'active'>;

export function withSpecOptions(command: Command): Command {
  return command
    .option('--day-and', 'day of month and weekday both given: both must match')
    .option('--rrule <rule>', 'instead of cron: an RFC 5545 rule such as FREQ=WEEKLY;BYDAY=MO;BYHOUR=9')
    .option('--every <duration>', 'instead of cron: an interval such as 15m')
    .option('--anchor <instant>', 'what an interval counts from')
    .option(
      '--timezone <zone>',
      'time zone such as Europe/Berlin (default: UTC); of an interval, which has none, whole days follow its clock',
    );
}

export function withRuleOptions(command: Command): Command {
  return command
    .option('--start <instant>', 'fires from then on, or none')
    .option('--end <instant>', 'fires before then alone, or none')
    .option('--jitter <duration>', 'runs start up to this much later')
    .option('--catch-up <policy>', 'after an outage: skip, latest or all')
    .option('--catch-up-window <duration>', 'how far back all goes, such as 6h')
    .option('--overlap <policy>', 'while a run has not ended: allow, skip, queue or cancel-older')
    .option('--dst-gap <policy>', 'a time the clock leaves out: auto, skip or shift')
    .option('--dst-overlap <policy>', 'a time the clock shows twice: auto, first, second or both')
    .option('--calendar <name>', 'calendar it goes by, or none')
    .option('--on-closed-day <policy>', 'a fire on a day that it closes: skip, next or previous open day')
    .option('--instant-parameter <name>', 'parameter that receives the instant of the fire, or none');
}

/** @throws CliError unless it is exactly one of cron, rule and interval */
export function specOf(options: SpecOptions, example: string): ScheduleSpec {
  const spec = findSpec(options);
  if (!spec) throw new CliError('expected a cron expression, --rrule or --every, one of the three', { hint: `for example: ${example}` });
  return spec;
}

/** Null when none is given. @throws CliError for more than one */
export function findSpec({ cron, dayAnd, rrule, every, anchor, timezone: zone }: SpecOptions): ScheduleSpec | null {
  if ([cron, rrule, every].filter((each) => each !== undefined).length > 1)
    throw new CliError('expected one of a cron expression, --rrule and --every, got several');
  if (anchor !== undefined && every === undefined) throw new CliError('expected --every beside --anchor, which it counts from');
  if (dayAnd && cron === undefined) throw new CliError('expected a cron expression beside --day-and');
  if (zone !== undefined && (cron ?? rrule ?? every) === undefined)
    throw new CliError('expected a cron expression, --rrule or --every beside --timezone: say the whole pattern again');
  const timezone = zone ?? 'UTC';
  if (cron !== undefined) return { kind: 'cron', cron, timezone, ...(dayAnd ? { dayAnd } : {}) };
  // Lines are hard to type: \n stands for their end.
  if (rrule !== undefined) return { kind: 'rrule', rrule: rrule.replaceAll('\\n', '\n'), timezone };
  if (every === undefined) return null;
  return {
    kind: 'interval',
    everyMs: durationOf('every', every),
    ...(anchor === undefined ? {} : { anchorAt: instantOf('anchor', anchor) }),
    ...(zone === undefined ? {} : { timezone: zone }),
  };
}

/** What was said of the rules; what was not stays, or is the default. */
export function rulesOf(options: ScheduleOptions): Rules {
  const orNone = (text: string | undefined) => (text === 'none' ? null : text);
  const rules: Rules = {
    startsAt: options.start === undefined || options.start === 'none' ? orNone(options.start) : instantOf('start', options.start),
    endsAt: options.end === undefined || options.end === 'none' ? orNone(options.end) : instantOf('end', options.end),
    jitterMs: options.jitter === undefined ? undefined : durationOf('jitter', options.jitter),
    catchUp: choice('catch-up', options.catchUp, ['skip', 'latest', 'all']),
    catchUpWindowMs: options.catchUpWindow === undefined ? undefined : durationOf('catch-up-window', options.catchUpWindow),
    overlap: choice('overlap', options.overlap, ['allow', 'skip', 'queue', 'cancel-older']),
    dstGap: choice('dst-gap', options.dstGap, ['auto', 'skip', 'shift']),
    dstOverlap: choice('dst-overlap', options.dstOverlap, ['auto', 'first', 'second', 'both']),
    calendar: orNone(options.calendar),
    onClosedDay: choice('on-closed-day', options.onClosedDay, ['skip', 'next', 'previous']),
    instantParameter: orNone(options.instantParameter),
    parameters: options.params === undefined ? undefined : parametersOf(options.params),
  };
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined));
}

function choice<T extends string>(option: string, text: string | undefined, allowed: readonly T[]): T | undefined {
  return text === undefined ? undefined : oneOf(option, text, allowed);
}

/** An instant as people write one: `2026-01-31`, `2026-01-31T08:00` in the local time zone, or with `Z` or an offset. */
export function instantOf(option: string, text: string): string {
  const date = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text);
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  throw new CliError(`--${option} is not usable`, {
    issues: [
      {
        field: option,
        expected: 'an instant such as 2026-01-31, 2026-01-31T08:00 or 2026-01-31T08:00:00Z',
        received: JSON.stringify(text),
      },
    ],
  });
}

export function parametersOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below, as every other text that is no object.
  }
  throw new CliError('--params is not usable', {
    issues: [{ field: 'params', expected: 'a JSON object such as {"city": "Rome"}', received: text.slice(0, 80) }],
  });
}

function durationOf(option: string, text: string): number {
  try {
    return toMs(text as Duration, option);
  } catch (error) {
    throw new CliError((error as Error).message);
  }
}
