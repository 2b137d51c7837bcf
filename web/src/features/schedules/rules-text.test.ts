import { type Schedule, type ScheduleSpec, scheduleRulesSchema } from '@signalbox/proto/api';
import { expect, test } from 'vitest';
import { scheduleText } from '../deployments/schedule-text.ts';
import { draftOf, parametersOf, spanOf, spanText } from './draft.ts';
import { rulesText } from './rules-text.ts';

const usual = scheduleRulesSchema.parse({});
const of = (more: Partial<Schedule>) => rulesText({ ...usual, ...more } as Schedule);

test('a usual schedule has nothing to say', () => {
  expect(of({})).toEqual([]);
});

test('what becomes of closed days is said beside the calendar', () => {
  expect(of({ calendar: 'business', onClosedDay: 'next' })).toEqual(['calendar business, closed days move to the next open one']);
});

test('what is not as usual is said in a few words', () => {
  expect(
    of({ overlap: 'queue', catchUp: 'all', jitterMs: 90_000, calendar: 'business', dstGap: 'skip', endsAt: '2027-01-01T00:00:00.000Z' }),
  ).toEqual([
    'calendar business',
    'overlap: queue',
    'catch-up: all within 1 d',
    'jitter up to 1 min 30 s',
    'until 2027-01-01',
    'DST gap: skip',
  ]);
});

const form = (fields: Record<string, string>, schedule: Schedule | null = null) => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return draftOf(data, schedule);
};

test('a form becomes the spec of its kind', () => {
  expect(form({ kind: 'cron', pattern: '0 6 * * *', timezone: '' })).toMatchObject({
    spec: { kind: 'cron', cron: '0 6 * * *', timezone: 'UTC' },
  });
  expect(form({ kind: 'rrule', pattern: 'FREQ=DAILY', timezone: 'Asia/Tokyo' })).toMatchObject({
    spec: { kind: 'rrule', rrule: 'FREQ=DAILY', timezone: 'Asia/Tokyo' },
  });
  expect(form({ kind: 'interval', pattern: '15m' })).toMatchObject({ spec: { kind: 'interval', everyMs: 900_000 } });
  expect(form({ kind: 'interval', pattern: 'soon' })).toBe(null);
  expect(form({ kind: 'cron', pattern: ' ' })).toBe(null);
});

test('fields left empty are none, days are begun in UTC', () => {
  expect(form({ kind: 'cron', pattern: '@daily', calendar: '', jitter: '5m', startsAt: '2026-01-31T08:00' })).toMatchObject({
    calendar: null,
    onClosedDay: 'skip',
    jitterMs: 300_000,
    startsAt: '2026-01-31T08:00:00.000Z',
    endsAt: null,
    instantParameter: null,
  });
});

test('what a form does not change of a schedule stays: its anchor, days that must both match, seconds, lines', () => {
  const interval = { kind: 'interval', everyMs: 1_209_600_000, anchorAt: '2026-01-05T08:00:30.000Z', timezone: 'Europe/Berlin' } as const;
  const biweekly = { ...usual, spec: interval, endsAt: '2027-01-01T00:00:30.000Z' } as Schedule;
  expect(
    form(
      {
        kind: 'interval',
        pattern: spanText(interval.everyMs),
        timezone: 'Europe/Berlin',
        anchorAt: '2026-01-05T08:00',
        endsAt: '2027-01-01T00:00',
      },
      biweekly,
    ),
  ).toMatchObject({ spec: interval, endsAt: biweekly.endsAt });
  expect(form({ kind: 'cron', pattern: '0 6 13 * FRI', dayAnd: 'both' })?.spec).toMatchObject({ dayAnd: true });
  expect(form({ kind: 'cron', pattern: '0 6 13 * FRI', dayAnd: 'either' })?.spec).not.toHaveProperty('dayAnd');
  expect(form({ kind: 'rrule', pattern: 'DTSTART:20260101T080000\nRRULE:FREQ=DAILY' })?.spec).toMatchObject({
    rrule: 'DTSTART:20260101T080000\nRRULE:FREQ=DAILY',
  });
  expect(form({ kind: 'cron', pattern: '@daily', catchUp: 'all', catchUpWindow: '6h' })).toMatchObject({ catchUpWindowMs: 21_600_000 });
});

test.each([0, 1_500, 90_000, 900_000, 21_600_000, 1_209_600_000])('%i ms is written so that it can be read again', (ms) => {
  expect(spanOf(spanText(ms)) ?? 0).toBe(ms);
});

test('parameters are a JSON object, or none', () => {
  expect(['', '{"city": "Rome"}', '[1]', 'Rome'].map(parametersOf)).toEqual([{}, { city: 'Rome' }, null, null]);
});

test.each<[ScheduleSpec, string]>([
  [{ kind: 'cron', cron: '0 6 13 * FRI', timezone: 'UTC', dayAnd: true }, '0 6 13 * FRI UTC, day and weekday'],
  [{ kind: 'interval', everyMs: 900_000 }, 'every 15 min'],
  [
    { kind: 'interval', everyMs: 1_209_600_000, anchorAt: '2026-01-05T08:00:00.000Z', timezone: 'Europe/Berlin' },
    'every 14 d from 2026-01-05T08:00Z Europe/Berlin',
  ],
])('%j reads %s', (spec, text) => expect(scheduleText(spec)).toBe(text));
