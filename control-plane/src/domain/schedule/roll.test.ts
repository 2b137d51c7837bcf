/** Fires moved off closed days: a table of what people ask for, and a slow count of minutes that must agree. */
import { type CalendarRules, calendarRulesSchema, type OnClosedDay, type ScheduleSpec } from '@signalbox/proto/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockOf } from '../../../test/schedule-oracle.ts';
import { openCalendar } from './calendar.ts';
import { firesOf, firesOfPlan, type Plan } from './next-fires.ts';
import { upcomingFires } from './upcoming.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const BUSINESS: Partial<CalendarRules> = { weekdays: [1, 2, 3, 4, 5], exclude: [{ day: '12-25', to: '12-26', name: 'Christmas' }] };

const cron = (text: string, timezone = 'UTC'): ScheduleSpec => ({ kind: 'cron', cron: text, timezone });
const calendarOf = (rules: Partial<CalendarRules>, timezone = 'UTC') =>
  openCalendar({ name: 'de', timezone, rules: calendarRulesSchema.parse(rules) });
const plan = (spec: ScheduleSpec, onClosedDay: OnClosedDay, rules: Partial<CalendarRules> = BUSINESS, more: Partial<Plan> = {}): Plan => ({
  spec,
  onClosedDay,
  calendar: calendarOf(rules),
  ...more,
});

/** `12-28 09:00` of the fires after the start of `from`, before that of `until`. */
function firesBetween(of: Plan, from: string, until: string): string[] {
  const { next } = firesOfPlan(of);
  const found: string[] = [];
  const untilMs = Date.parse(until);
  for (let at = next(Date.parse(from) - 1); at !== null && at < untilMs; at = next(at)) found.push(new Date(at).toISOString());
  return found.map((text) => text.slice(5, 16).replace('T', ' '));
}

describe('a fire on a closed day', () => {
  // 2026-12-25 is a Friday, 2026-11-01 a Sunday, 2027-01-31 one too.
  it.each<[string, Plan, string, string, string[]]>([
    ['is left out by default', plan(cron('0 9 25 * *'), 'skip'), '2026-12-20', '2027-01-02', []],
    [
      'moves to the next open day, over holidays and a weekend',
      plan(cron('0 9 25 * *'), 'next'),
      '2026-12-20',
      '2027-01-02',
      ['12-28 09:00'],
    ],
    ['moves to the previous open day', plan(cron('0 9 25 * *'), 'previous'), '2026-12-20', '2027-01-02', ['12-24 09:00']],
    ['moves into the next month', plan(cron('0 17 31 * *'), 'next'), '2027-01-30', '2027-02-03', ['02-01 17:00']],
    ['moves into the month before', plan(cron('0 6 1 * *'), 'previous'), '2026-10-29', '2026-11-03', ['10-30 06:00']],
    [
      'comes to stand with the fire that is there already, once',
      plan(cron('0 9 * * *'), 'next'),
      '2026-12-24',
      '2026-12-30',
      ['12-24 09:00', '12-28 09:00', '12-29 09:00'],
    ],
    [
      'keeps its time of day, in the order of the new day',
      plan({ kind: 'rrule', rrule: 'RDATE:20261225T100000,20261226T080000,20261228T090000', timezone: 'UTC' }, 'next'),
      '2026-12-20',
      '2027-01-02',
      ['12-28 08:00', '12-28 09:00', '12-28 10:00'],
    ],
    [
      'moves to an included day, whatever weekday',
      plan(cron('0 9 25 * *'), 'next', { ...BUSINESS, include: [{ day: '2026-12-27', name: 'Stocktaking' }] }),
      '2026-12-20',
      '2027-01-02',
      ['12-27 09:00'],
    ],
    [
      'does not fire where it would come into a freeze window',
      plan(cron('0 9 25 * *'), 'next', { ...BUSINESS, freezes: [{ from: '2026-12-28T00:00:00Z', to: '2026-12-29T00:00:00Z', name: 'f' }] }),
      '2026-12-20',
      '2027-01-02',
      [],
    ],
    [
      'is left out where no open day is within a month',
      plan(cron('0 9 1 * *'), 'next', { exclude: [{ day: '2026-12-01', to: '2027-01-15', name: 'Closed' }] }),
      '2026-12-01',
      '2027-02-02',
      ['01-16 09:00', '02-01 09:00'],
    ],
    [
      'counts for start and end where it has come to',
      plan(cron('0 9 25 * *'), 'next', BUSINESS, { startsMs: Date.parse('2026-12-26'), endsMs: Date.parse('2026-12-28T09:00:00.001Z') }),
      '2026-12-20',
      '2027-02-28',
      ['12-28 09:00'],
    ],
    [
      'of elapsed time, which has no time of day, is left out',
      plan({ kind: 'interval', everyMs: DAY, anchorAt: '2026-12-25T09:00:00Z' }, 'next'),
      '2026-12-25',
      '2026-12-30',
      ['12-28 09:00', '12-29 09:00'],
    ],
    [
      'of days that follow a clock moves',
      plan({ kind: 'interval', everyMs: 7 * DAY, anchorAt: '2026-12-25T09:00:00Z', timezone: 'UTC' }, 'next'),
      '2026-12-20',
      '2027-01-05',
      ['12-28 09:00', '01-01 09:00'],
    ],
  ])('%s', (_, of, from, until, expected) => {
    expect(firesBetween(of, from, until)).toEqual(expected);
  });

  it('keeps its time of day where the clock changes in between', () => {
    const rules = { weekdays: [1, 2, 3, 4, 5] };
    const berlin = { spec: cron('0 9 28 3 *', 'Europe/Berlin'), calendar: calendarOf(rules, 'Europe/Berlin') };
    // Sunday 2027-03-28, on which the clock goes forward.
    expect(firesBetween({ ...berlin, onClosedDay: 'next' }, '2027-03-20', '2027-04-02')).toEqual(['03-29 07:00']);
    expect(firesBetween({ ...berlin, onClosedDay: 'previous' }, '2027-03-20', '2027-04-02')).toEqual(['03-26 08:00']);
  });

  it('has its days of the schedule’s own clock, where the calendar has another', () => {
    const calendar = calendarOf({ weekdays: [1, 2, 3, 4, 5] }, 'Europe/Berlin');
    // A Saturday in Auckland, when it is Friday in Berlin.
    const of: Plan = { spec: cron('0 8 26 12 *', 'Pacific/Auckland'), calendar, onClosedDay: 'next' };
    expect(firesBetween(of, '2026-12-20', '2027-01-02')).toEqual(['12-27 19:00']);
  });

  it('never fires, and says so soon, when the calendar is always closed', () => {
    expect(firesOfPlan(plan(cron('0 9 * * *'), 'next', { weekdays: [] })).next(0)).toBeNull();
    expect(firesOfPlan(plan(cron('0 9 * * *'), 'previous', { weekdays: [] })).next(0)).toBeNull();
  });

  it('is told in a preview: where it goes, and for what the other one stands', () => {
    const preview = (spec: ScheduleSpec, way: OnClosedDay) =>
      upcomingFires(
        { ...plan(spec, way), scheduleId: null, jitterMs: 0, pausedBecause: null, skips: new Map() },
        Date.parse('2026-12-24'),
        3,
      ).fires.map(({ local, fires, reason }) => `${local} ${fires ? 'fires' : 'no'}: ${reason}`);
    expect(preview(cron('0 9 25 * *'), 'next').slice(0, 2)).toEqual([
      '2026-12-25 09:00:00 no: calendar de: closed, Christmas; moved to 2026-12-28 09:00:00',
      '2026-12-28 09:00:00 fires: moved from 2026-12-25: calendar de: closed, Christmas',
    ]);
    expect(preview(cron('0 9 * * FRI,SAT,MON'), 'next')).toEqual([
      '2026-12-25 09:00:00 no: calendar de: closed, Christmas; moved to 2026-12-28 09:00:00',
      '2026-12-26 09:00:00 no: calendar de: closed, Christmas; moved to 2026-12-28 09:00:00',
      '2026-12-28 09:00:00 fires: stands for 2026-12-25, 2026-12-26 too',
    ]);
    expect(preview(cron('0 9 25 * *'), 'previous').slice(0, 2)).toEqual([
      '2026-12-24 09:00:00 fires: moved from 2026-12-25: calendar de: closed, Christmas',
      '2026-12-25 09:00:00 no: calendar de: closed, Christmas; moved to 2026-12-24 09:00:00',
    ]);
  });
});

it('agrees with a count of all fires, each moved by itself, for whatever pattern, calendar and zone without a change of clocks', () => {
  const begin = Date.UTC(2026, 5, 1);
  const days = fc.array(
    fc.integer({ min: 1, max: 30 }).map((day) => ({ day: `2026-06-${String(day).padStart(2, '0')}`, name: 'x' })),
    { maxLength: 12 },
  );
  const rules = fc.record({
    weekdays: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), { nil: null }),
    exclude: days,
    include: days,
  });
  const spec = fc
    .tuple(
      fc.constantFrom('0', '7,30', '*/20'),
      fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 3 }),
      fc.constantFrom('*', 'MON', 'SAT,SUN', '1-3'),
    )
    .map(([minutes, hours, weekdays]) => `${minutes} ${hours.join(',')} * * ${weekdays}`);
  const zone = fc.constantFrom('UTC', 'Asia/Tokyo', 'Asia/Kolkata');
  fc.assert(
    fc.property(spec, rules, zone, fc.constantFrom('next' as const, 'previous' as const), (text, some, timezone, way) => {
      const calendar = calendarOf(some, timezone);
      const own = firesOf(cron(text, timezone));
      const step = way === 'next' ? DAY : -DAY;
      const moved = new Set<number>();
      const until = begin + 30 * DAY;
      // More on either side, since fires come in from there; whole days are days of the clock where it never changes.
      for (let at = own.next(begin - 40 * DAY); at !== null && at < until + 40 * DAY; at = own.next(at))
        for (let days = 0, to = at; days <= 31; days++, to += step)
          if (calendar.closedAt(to) === null) {
            moved.add(to);
            break;
          }
      const expected = [...moved].filter((at) => at > begin && at <= until).sort((a, b) => a - b);
      const { next, last } = firesOfPlan({ spec: cron(text, timezone), calendar, onClosedDay: way });
      const found: number[] = [];
      for (let at = next(begin); at !== null && at <= until; at = next(at)) found.push(at);
      expect(found).toEqual(expected);
      expect(last(begin, until)).toBe(expected.at(-1) ?? null);
    }),
    { numRuns: 150 },
  );
});

it.each([
  ['Europe/Berlin', '2026-03-29'],
  ['Europe/Berlin', '2026-10-25'],
  ['America/New_York', '2026-11-01'],
])('moves times of the clock, not instants: %s around %s, read minute by minute', (timezone, change) => {
  const [begin, end] = [Date.parse(change) - 6 * DAY, Date.parse(change) + 6 * DAY];
  const clock = clockOf(timezone);
  const shown: { at: number; wall: number }[] = [];
  for (let at = begin - 5 * DAY; at < end + 5 * DAY; at += MINUTE) shown.push({ at, wall: clock(at) });
  const first = new Map<number, number>();
  for (const { at, wall } of shown) if (!first.has(wall)) first.set(wall, at);
  // A time of day fires once: when it is first shown, or right after the gap that leaves it out.
  const instantOf = (wall: number) => first.get(wall) ?? (shown.find((each) => each.wall > wall)?.at as number);

  const spec = fc
    .tuple(fc.constantFrom('0', '30', '*/15'), fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 }))
    .map(([minutes, hours]) => `${minutes} ${hours.join(',')} * * *`);
  const closed = fc.uniqueArray(fc.integer({ min: -4, max: 4 }), { maxLength: 5 });
  fc.assert(
    fc.property(spec, closed, fc.constantFrom('next' as const, 'previous' as const), (text, days, way) => {
      const dayText = (offset: number) => new Date(Date.parse(change) + offset * DAY).toISOString().slice(0, 10);
      const calendar = calendarOf({ exclude: days.map((offset) => ({ day: dayText(offset), name: 'x' })) }, timezone);
      const isClosed = (wall: number) => days.some((offset) => new Date(wall).toISOString().startsWith(dayText(offset)));
      // In UTC the pattern names the very times that a clock is to show.
      const own = firesOf(cron(text));
      const walls = new Set<number>();
      for (let wall = own.next(begin - 4 * DAY); wall !== null && wall < end + 4 * DAY; wall = own.next(wall)) {
        let to = wall;
        while (isClosed(to)) to += way === 'next' ? DAY : -DAY;
        walls.add(to);
      }
      const expected = [...new Set([...walls].map(instantOf))].filter((at) => at > begin && at <= end).sort((a, b) => a - b);
      const { next } = firesOfPlan({ spec: cron(text, timezone), calendar, onClosedDay: way });
      const found: number[] = [];
      for (let at = next(begin); at !== null && at <= end; at = next(at)) found.push(at);
      expect(found).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});
