import { type CalendarRules, calendarRulesSchema } from '@signalbox/proto/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkCalendar, openCalendar } from './calendar.ts';
import { firesOf, firesOfPlan } from './next-fires.ts';
import { upcomingFires } from './upcoming.ts';

const calendar = (rules: Partial<CalendarRules>, timezone = 'UTC') =>
  openCalendar({ name: 'de', timezone, rules: calendarRulesSchema.parse(rules) });
const why = (rules: Partial<CalendarRules>, at: string, timezone?: string) => calendar(rules, timezone).closedAt(Date.parse(at));
const exclude = [{ day: '2026-12-25', name: 'Christmas' }];

describe('a calendar', () => {
  it.each<[string, Partial<CalendarRules>, string, string | null, string?]>([
    ['is open where nothing is said', {}, '2026-12-25T10:00:00Z', null],
    ['is closed on an excluded day', { exclude }, '2026-12-25T10:00:00Z', 'calendar de: closed, Christmas'],
    [
      'is closed on the same day of every year',
      { exclude: [{ day: '01-01', name: 'New Year' }] },
      '2031-01-01T00:00:00Z',
      'calendar de: closed, New Year',
    ],
    [
      'is closed over the turn of the year',
      { exclude: [{ day: '12-24', to: '01-02', name: 'Holidays' }] },
      '2027-01-02T23:59:59Z',
      'calendar de: closed, Holidays',
    ],
    ['opens after a stretch', { exclude: [{ day: '2026-12-24', to: '2026-12-26', name: 'Holidays' }] }, '2026-12-27T00:00:00Z', null],
    [
      'is closed on days that are no business days',
      { weekdays: [1, 2, 3, 4, 5] },
      '2026-11-28T10:00:00Z',
      'calendar de: closed on Saturdays',
    ],
    [
      'is open on an included day, whatever weekday',
      { weekdays: [1], include: [{ day: '2026-11-28', name: 'Stocktaking' }] },
      '2026-11-28T10:00:00Z',
      null,
    ],
    ['is open on an included day, even if excluded', { exclude, include: exclude }, '2026-12-25T10:00:00Z', null],
    [
      'is closed in a freeze window, included days too',
      { include: exclude, freezes: [{ from: '2026-12-20T12:00:00Z', to: '2027-01-03T12:00:00Z', name: 'release' }] },
      '2026-12-25T10:00:00Z',
      'calendar de: freeze window "release"',
    ],
    [
      'is open at the end of a freeze window',
      { freezes: [{ from: '2026-12-20T12:00:00Z', to: '2027-01-03T12:00:00Z', name: 'release' }] },
      '2027-01-03T12:00:00Z',
      null,
    ],
    ['counts days in its own zone', { exclude }, '2026-12-24T15:30:00Z', 'calendar de: closed, Christmas', 'Asia/Tokyo'],
    ['and not in UTC', { exclude }, '2026-12-25T15:30:00Z', null, 'Asia/Tokyo'],
  ])('%s', (_, rules, at, expected, zone) => {
    expect(why(rules, at, zone)?.reason ?? null).toBe(expected);
  });

  it('says until when it is closed: no fire within is lost, none outside is left out', () => {
    const rules = fc.record({
      weekdays: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 7 })), { nil: null }),
      exclude: fc.array(
        fc.integer({ min: 1, max: 28 }).map((day) => ({ day: `2026-03-${String(day).padStart(2, '0')}`, name: 'x' })),
        { maxLength: 5 },
      ),
      freezes: fc.array(
        fc.tuple(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 1, max: 100 })).map(([hour, length]) => ({
          from: new Date(Date.UTC(2026, 2, 1, hour)).toISOString(),
          to: new Date(Date.UTC(2026, 2, 1, hour + length)).toISOString(),
          name: 'f',
        })),
        { maxLength: 3 },
      ),
    });
    fc.assert(
      fc.property(rules, fc.constantFrom('Europe/Berlin', 'Asia/Tokyo', 'America/New_York'), (some, zone) => {
        const spec = { kind: 'cron', cron: '17 */3 * * *', timezone: zone } as const;
        const open = calendar(some, zone);
        const [all, fires] = [firesOf(spec), firesOfPlan({ spec, calendar: open })];
        const until = Date.parse('2026-04-02T00:00:00Z');
        const expected: number[] = [];
        for (let at = all.next(Date.parse('2026-02-27T00:00:00Z')); at !== null && at < until; at = all.next(at))
          if (!open.closedAt(at)) expected.push(at);
        const found: number[] = [];
        for (let at = fires.next(Date.parse('2026-02-27T00:00:00Z')); at !== null && at < until; at = fires.next(at)) found.push(at);
        expect(found).toEqual(expected);
        expect(fires.last(Date.parse('2026-02-27T00:00:00Z'), until - 1)).toBe(expected.at(-1) ?? null);
      }),
      { numRuns: 25 },
    );
  });

  it('and start and end: the first instant of the one is in, of the other out', () => {
    const spec = { kind: 'cron', cron: '0 * * * *', timezone: 'UTC' } as const;
    const [startsMs, endsMs] = [Date.parse('2026-01-01T08:00:00Z'), Date.parse('2026-01-01T10:00:00Z')];
    const fires = firesOfPlan({ spec, startsMs, endsMs, calendar: calendar({}) });
    expect(fires.next(0)).toBe(startsMs);
    expect(fires.next(startsMs)).toBe(endsMs - 3_600_000);
    expect(fires.next(endsMs - 3_600_000)).toBe(null);
  });

  it('that never opens lets nothing fire, and takes no time to say so', () => {
    const startedAt = performance.now();
    expect(firesOfPlan({ spec: { kind: 'interval', everyMs: 1_000 }, calendar: calendar({ weekdays: [] }) }).next(0)).toBe(null);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('with a stretch of two forms or backwards is refused', () => {
    const rules = calendarRulesSchema.parse({
      exclude: [{ day: '12-24', to: '2026-12-26', name: 'x' }],
      include: [{ day: '2026-12-24', to: '2026-12-20', name: 'x' }],
    });
    expect(checkCalendar({ timezone: 'Mars', rules }).map(({ field }) => field)).toEqual([
      'timezone',
      'rules.exclude.0.to',
      'rules.include.0.to',
    ]);
    expect(calendarRulesSchema.safeParse({ exclude: [{ day: '2026-02-30', name: 'x' }] }).success).toBe(false);
  });
});

describe('what is to come', () => {
  const at = (pattern: string, from: string, more: object = {}) =>
    upcomingFires(
      {
        spec: { kind: 'cron', cron: pattern, timezone: 'America/New_York' },
        scheduleId: null,
        jitterMs: 0,
        pausedBecause: null,
        skips: new Map(),
        ...more,
      },
      Date.parse(from),
      3,
    ).fires.map(({ local, fires, reason }) => [local, fires, reason]);

  it('says what daylight saving does to a time', () => {
    expect(at('30 2 * * *', '2026-03-07T12:00:00Z')).toEqual([
      ['2026-03-08 03:00:00', true, 'stands for 2026-03-08 02:30:00, which the clock leaves out'],
      ['2026-03-09 02:30:00', true, null],
      ['2026-03-10 02:30:00', true, null],
    ]);
    expect(at('30 2 * * *', '2026-03-07T12:00:00Z', { dst: { gap: 'skip' } })[0]).toEqual([
      '2026-03-08 03:00:00',
      false,
      '2026-03-08 02:30:00 does not exist: the clock goes forward (gap: skip)',
    ]);
    expect(at('30 1 * * *', '2026-11-01T00:00:00Z').slice(0, 2)).toEqual([
      ['2026-11-01 01:30:00', true, 'the first of two: the clock shows this time twice'],
      ['2026-11-01 01:30:00', false, 'the clock shows this time twice, and this is the second of them'],
    ]);
  });

  it('says why a time does not fire, and ends with the first one past the end', () => {
    const skips = new Map([[Date.parse('2026-06-02T13:00:00Z'), { by: 'ada', reason: 'maintenance' }]]);
    expect(at('0 9 * * *', '2026-05-31T20:00:00Z', { skips, endsMs: Date.parse('2026-06-03T00:00:00Z') })).toEqual([
      ['2026-06-01 09:00:00', true, null],
      ['2026-06-02 09:00:00', false, 'skipped by ada: maintenance'],
      ['2026-06-03 09:00:00', false, 'past its end, 2026-06-03T00:00:00.000Z'],
    ]);
    expect(at('0 9 * * *', '2026-05-31T20:00:00Z', { pausedBecause: 'the schedule is off' })[0]).toEqual([
      '2026-06-01 09:00:00',
      false,
      'the schedule is off',
    ]);
  });
});
