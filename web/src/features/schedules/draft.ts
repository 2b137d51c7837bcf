import type { ScheduleSpec } from '@signalbox/proto/api';
import type { DraftSchedule } from './queries.ts';

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `15m`, `6h`, `1d` in milliseconds; null: not such a text. */
export function spanOf(text: string): number | null {
  const [, number, unit] = /^(\d+)\s*([smhd])$/.exec(text.trim()) ?? [];
  return number === undefined ? null : Number(number) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** What the form says so far; null while it says no pattern. Policies as text are the server's to check. */
export function draftOf(form: FormData): DraftSchedule | null {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const orNone = (name: string) => text(name) || null;
  const instant = (name: string) => (text(name) === '' ? null : new Date(`${text(name)}Z`).toISOString());
  const spec = specOf(text('kind'), text('pattern'), text('timezone') || 'UTC');
  if (!spec) return null;
  return {
    spec,
    calendar: orNone('calendar'),
    jitterMs: spanOf(text('jitter')) ?? 0,
    startsAt: instant('startsAt'),
    endsAt: instant('endsAt'),
    instantParameter: orNone('instantParameter'),
    ...chosen(form, 'overlap'),
    ...chosen(form, 'catchUp'),
    ...chosen(form, 'dstGap'),
    ...chosen(form, 'dstOverlap'),
  };
}

function chosen<K extends 'overlap' | 'catchUp' | 'dstGap' | 'dstOverlap'>(form: FormData, name: K): Pick<DraftSchedule, K> {
  const value = form.get(name);
  return (value ? { [name]: value } : {}) as Pick<DraftSchedule, K>;
}

function specOf(kind: string, pattern: string, timezone: string): ScheduleSpec | null {
  if (pattern === '') return null;
  if (kind === 'rrule') return { kind: 'rrule', rrule: pattern, timezone };
  if (kind !== 'interval') return { kind: 'cron', cron: pattern, timezone };
  const everyMs = spanOf(pattern);
  return everyMs === null ? null : { kind: 'interval', everyMs };
}
