import type { Schedule, ScheduleSpec } from '@signalbox/proto/api';
import type { DraftSchedule } from './queries.ts';

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** `90s`, `15m`, `6h`, `1d` in milliseconds; null: not such a text. */
export function spanOf(text: string): number | null {
  const [, number, unit] = /^(\d+)\s*(ms|[smhd])$/.exec(text.trim()) ?? [];
  const size = UNITS.find(([name]) => name === unit)?.[1];
  return number === undefined || size === undefined ? null : Number(number) * size;
}

/** The reverse: `15m`, in the largest unit that is whole; nothing for 0. */
export function spanText(ms: number): string {
  const [unit, size] = UNITS.find(([, each]) => ms % each === 0) ?? ['ms', 1];
  return ms === 0 ? '' : `${ms / size}${unit}`;
}

/**
 * What the form says so far; null while it says no pattern. Policies as text are the server's to check. Of the schedule that is
 * changed, an instant that was left alone keeps its seconds, which the form does not show.
 */
export function draftOf(form: FormData, schedule: Schedule | null = null): DraftSchedule | null {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const orNone = (name: string) => text(name) || null;
  const instant = (name: string, before: string | null | undefined) =>
    text(name) === '' ? null : before?.slice(0, 16) === text(name) ? before : new Date(`${text(name)}Z`).toISOString();
  const anchor = instant('anchorAt', schedule?.spec.kind === 'interval' ? schedule.spec.anchorAt : null);
  const spec = specOf(text('kind'), text('pattern'), text('timezone'), text('dayAnd') === 'both', anchor);
  if (!spec) return null;
  const windowMs = spanOf(text('catchUpWindow'));
  return {
    spec,
    calendar: orNone('calendar'),
    jitterMs: spanOf(text('jitter')) ?? 0,
    startsAt: instant('startsAt', schedule?.startsAt),
    endsAt: instant('endsAt', schedule?.endsAt),
    instantParameter: orNone('instantParameter'),
    ...(windowMs === null ? {} : { catchUpWindowMs: windowMs }),
    ...chosen(form, 'overlap'),
    ...chosen(form, 'catchUp'),
    ...chosen(form, 'dstGap'),
    ...chosen(form, 'dstOverlap'),
    // Without a calendar no day is closed.
    ...(orNone('calendar') ? chosen(form, 'onClosedDay') : { onClosedDay: 'skip' }),
  };
}

/** The parameters its runs get; null: no JSON object. */
export function parametersOf(text: string): Record<string, unknown> | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function chosen<K extends 'overlap' | 'catchUp' | 'dstGap' | 'dstOverlap' | 'onClosedDay'>(
  form: FormData,
  name: K,
): Pick<DraftSchedule, K> {
  const value = form.get(name);
  return (value ? { [name]: value } : {}) as Pick<DraftSchedule, K>;
}

function specOf(kind: string, pattern: string, zone: string, dayAnd: boolean, anchorAt: string | null): ScheduleSpec | null {
  if (pattern === '') return null;
  const timezone = zone || 'UTC';
  if (kind === 'rrule') return { kind: 'rrule', rrule: pattern, timezone };
  if (kind !== 'interval') return { kind: 'cron', cron: pattern, timezone, ...(dayAnd ? { dayAnd } : {}) };
  const everyMs = spanOf(pattern);
  return everyMs === null ? null : { kind: 'interval', everyMs, ...(anchorAt ? { anchorAt } : {}), ...(zone ? { timezone: zone } : {}) };
}
