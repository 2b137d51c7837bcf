import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firesOf, nextFires } from './next-fires.ts';
import { zoneOf } from './zone.ts';

const cron = (pattern: string, timezone: string) => ({ kind: 'cron', cron: pattern, timezone }) as const;
const fires = (pattern: string, timezone: string, from: string, count: number) =>
  nextFires(cron(pattern, timezone), new Date(from), count).map((at) => at.toISOString().replace(/:00\.000Z$/, 'Z'));

describe('a clock that goes forward', () => {
  it.each([
    [
      'a time left out fires at the first instant after the gap',
      '30 2 * * *',
      'America/New_York',
      '2026-03-07T12:00:00Z',
      ['2026-03-08T07:00Z', '2026-03-09T06:30Z'],
    ],
    [
      'times left out together fire together, once',
      '0,30 2,3 * * *',
      'America/New_York',
      '2026-03-08T05:00:00Z',
      ['2026-03-08T07:00Z', '2026-03-08T07:30Z', '2026-03-09T06:00Z'],
    ],
    [
      'every hour keeps its rhythm: nothing is made up',
      '30 * * * *',
      'Europe/Berlin',
      '2026-03-29T00:00:00Z',
      ['2026-03-29T00:30Z', '2026-03-29T01:30Z', '2026-03-29T02:30Z'],
    ],
    [
      'nine in the morning stays nine in the morning',
      '0 9 * * *',
      'Europe/Berlin',
      '2026-03-28T00:00:00Z',
      ['2026-03-28T08:00Z', '2026-03-29T07:00Z', '2026-03-30T07:00Z'],
    ],
    ['midnight left out fires at one', '0 0 * * *', 'America/Santiago', '2026-09-05T12:00:00Z', ['2026-09-06T04:00Z', '2026-09-07T03:00Z']],
    ['half an hour left out', '15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', ['2026-10-03T15:30Z', '2026-10-04T15:15Z']],
    [
      'a day left out fires once, with the next day',
      '0 0 * * *',
      'Pacific/Apia',
      '2011-12-28T12:00:00Z',
      ['2011-12-29T10:00Z', '2011-12-30T10:00Z', '2011-12-31T10:00Z'],
    ],
  ])('%s', (_, pattern, timezone, from, expected) => {
    expect(fires(pattern, timezone, from, expected.length)).toEqual(expected);
  });
});

describe('a clock that goes back', () => {
  it.each([
    [
      'a time shown twice fires at the first',
      '30 1 * * *',
      'America/New_York',
      '2026-11-01T00:00:00Z',
      ['2026-11-01T05:30Z', '2026-11-02T06:30Z'],
    ],
    [
      'several times shown twice fire once each',
      '*/30 1,2 * * *',
      'America/New_York',
      '2026-11-01T04:30:00Z',
      ['2026-11-01T05:00Z', '2026-11-01T05:30Z', '2026-11-01T07:00Z', '2026-11-01T07:30Z'],
    ],
    [
      'asked between both, the second time is over already',
      '30 1 * * *',
      'America/New_York',
      '2026-11-01T05:45:00Z',
      ['2026-11-02T06:30Z'],
    ],
    [
      'every hour fires both times round',
      '0 * * * *',
      'America/New_York',
      '2026-11-01T04:30:00Z',
      ['2026-11-01T05:00Z', '2026-11-01T06:00Z', '2026-11-01T07:00Z'],
    ],
    [
      'every 20 minutes is never silent for an hour',
      '*/20 * * * *',
      'Europe/Berlin',
      '2026-10-25T00:35:00Z',
      ['2026-10-25T00:40Z', '2026-10-25T01:00Z', '2026-10-25T01:20Z', '2026-10-25T01:40Z', '2026-10-25T02:00Z'],
    ],
  ])('%s', (_, pattern, timezone, from, expected) => {
    expect(fires(pattern, timezone, from, expected.length)).toEqual(expected);
  });
});

describe('a time shown twice', () => {
  it.each([
    ['first', ['05:30']],
    ['second', ['06:30']],
    ['both', ['05:30', '06:30']],
  ] as const)('fires at the %s where the schedule says so', (overlap, expected) => {
    const { next } = firesOf({ kind: 'cron', cron: '30 1 * * *', timezone: 'America/New_York' }, { overlap });
    const found: string[] = [];
    for (let at = next(Date.parse('2026-11-01T04:00Z')); at !== null && at < Date.parse('2026-11-02T00:00Z'); at = next(at))
      found.push(new Date(at).toISOString().slice(11, 16));
    expect(found).toEqual(expected);
  });
});

describe('the calendar', () => {
  it.each([
    [
      'the 31st skips months without one',
      '0 0 31 * *',
      'UTC',
      '2026-01-31T00:00:00Z',
      ['2026-03-31T00:00Z', '2026-05-31T00:00Z', '2026-07-31T00:00Z'],
    ],
    ['the last day of the month', '0 12 L * *', 'UTC', '2028-01-31T12:00:00Z', ['2028-02-29T12:00Z', '2028-03-31T12:00Z']],
    ['the 29th of February', '0 0 29 2 *', 'UTC', '2026-01-01T00:00:00Z', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
    [
      'day and weekday both given: either matches',
      '0 0 13 * FRI',
      'UTC',
      '2026-11-10T00:00:00Z',
      ['2026-11-13T00:00Z', '2026-11-20T00:00Z', '2026-11-27T00:00Z', '2026-12-04T00:00Z', '2026-12-11T00:00Z', '2026-12-13T00:00Z'],
    ],
    ['7 is Sunday', '0 0 * * 7', 'UTC', '2026-11-23T00:00:00Z', ['2026-11-29T00:00Z']],
    ['a nickname', '@monthly', 'Asia/Kathmandu', '2026-12-20T00:00:00Z', ['2026-12-31T18:15Z', '2027-01-31T18:15Z']],
    ['year end in a zone ahead', '0 0 1 1 *', 'Pacific/Kiritimati', '2026-06-01T00:00:00Z', ['2026-12-31T10:00Z', '2027-12-31T10:00Z']],
  ])('%s', (_, pattern, timezone, from, expected) => {
    expect(fires(pattern, timezone, from, expected.length)).toEqual(expected);
  });

  it('six fields begin with seconds', () => {
    const [first] = nextFires(cron('15 30 8 * * *', 'UTC'), new Date('2026-01-01T08:30:15Z'), 1);
    expect(first?.toISOString()).toBe('2026-01-02T08:30:15.000Z');
  });
});

/** Zones with a change inside the stretch: half hours, the south, a change at midnight, one within Ramadan, none. */
const STRETCHES = [
  ['America/New_York', '2026-03-07'],
  ['America/New_York', '2026-10-31'],
  ['Europe/Berlin', '2026-03-28'],
  ['Europe/Berlin', '2026-10-24'],
  ['Australia/Lord_Howe', '2026-04-03'],
  ['Australia/Lord_Howe', '2026-10-02'],
  ['America/Santiago', '2026-04-03'],
  ['America/Santiago', '2026-09-05'],
  ['Africa/Casablanca', '2026-02-14'],
  ['Africa/Cairo', '2026-04-23'],
  ['Africa/Cairo', '2026-10-29'],
  ['America/St_Johns', '2026-10-31'],
  ['Pacific/Apia', '2011-12-29'],
  ['Asia/Kolkata', '2026-03-28'],
] as const;
const MINUTE = 60_000;
const STRETCH_MINUTES = 3 * 24 * 60;

/** What the clock shows at each minute of three days, by Intl's calendar fields (not by offsets, as the code under test). */
function wallClock(timeZone: string, startMs: number): number[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return Array.from({ length: STRETCH_MINUTES }, (_, i) => {
    const parts = Object.fromEntries(format.formatToParts(startMs + i * MINUTE).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(parts['year'] ?? 0, (parts['month'] ?? 1) - 1, parts['day'], parts['hour'], parts['minute']);
  });
}
const walls = new Map(STRETCHES.map(([zone, day]) => [zone + day, wallClock(zone, Date.parse(day))]));

function oracle(shown: readonly number[], startMs: number, minutes: readonly number[], hours: readonly number[] | null): number[] {
  const matches = (wall: number) =>
    minutes.includes(new Date(wall).getUTCMinutes()) && (hours?.includes(new Date(wall).getUTCHours()) ?? true);
  const found = new Set<number>();
  if (hours === null) {
    for (const [i, wall] of shown.entries()) if (matches(wall)) found.add(i);
  } else {
    for (let wall = shown[0] as number; wall <= (shown.at(-1) as number); wall += MINUTE) {
      if (!matches(wall)) continue;
      const first = shown.indexOf(wall);
      found.add(first >= 0 ? first : shown.findIndex((other) => other > wall));
    }
  }
  return [...found].sort((a, b) => a - b).map((i) => startMs + i * MINUTE);
}

const some = (max: number, most: number) => fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength: most });

describe('cron against a clock read minute by minute', () => {
  it('fires at the same instants, strictly increasing, from wherever it is asked', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...STRETCHES),
        some(59, 4),
        fc.option(some(23, 5)),
        fc.integer({ min: 0, max: STRETCH_MINUTES - 1 }),
        ([zone, day], minutes, hours, startAt) => {
          const startMs = Date.parse(day);
          const endMs = startMs + STRETCH_MINUTES * MINUTE;
          // Asked a second before a minute, so that the fire at that minute itself counts.
          const fromMs = startMs + startAt * MINUTE - 1000;
          const all = oracle(walls.get(zone + day) ?? [], startMs, minutes, hours);
          const { next } = firesOf(cron(`${minutes} ${hours ?? '*'} * * *`, zone));
          const found: number[] = [];
          for (let at = next(fromMs); at !== null && at < endMs; at = next(at)) found.push(at);
          expect(found).toEqual(all.filter((at) => at > fromMs));
          expect(found.every((at, i) => i === 0 || at > (found[i - 1] as number))).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });
});

it('keeps a zone once, however people spell its name', () => {
  expect(zoneOf('eUROPE/bERLIN')).toBe(zoneOf('Europe/Berlin'));
});
