import { type Schedule, scheduleRulesSchema } from '@signalbox/proto/api';
import { expect, test } from 'vitest';
import { draftOf } from './draft.ts';
import { rulesText } from './rules-text.ts';

const usual = scheduleRulesSchema.parse({});
const of = (more: Partial<Schedule>) => rulesText({ ...usual, ...more } as Schedule);

test('a usual schedule has nothing to say', () => {
  expect(of({})).toEqual([]);
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

const form = (fields: Record<string, string>) => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return draftOf(data);
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
    jitterMs: 300_000,
    startsAt: '2026-01-31T08:00:00.000Z',
    endsAt: null,
    instantParameter: null,
  });
});
