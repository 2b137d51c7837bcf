/** Random schedules around a clock change, by seed, and what the domain and the oracle say of each. */
import type { DstPolicy, ScheduleSpec } from '@signalbox/proto/api';
import { openCalendar } from '../src/domain/schedule/calendar.ts';
import { firesOfPlan } from '../src/domain/schedule/next-fires.ts';
import { clockOf, type OraclePattern, type OraclePolicy, type OracleRoll, oracleFires, type Shown } from './schedule-oracle.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Share of the patterns of times of day whose fires move off closed days. */
const ROLLED = 0.4;

/** Numbers of 0 to below 1, the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Case = {
  readonly spec: ScheduleSpec;
  readonly dst: DstPolicy;
  readonly pattern: OraclePattern;
  readonly policy: OraclePolicy;
  /** Null: all days are open. */
  readonly roll: OracleRoll | null;
};

const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/**
 * Patterns that are likely to meet the change: hours around it, minutes on round figures, every policy, closed days on either side.
 * `wallMs` is what the clock shows just before.
 */
export function casesAt(timezone: string, wallMs: number, random: () => number, count: number): Case[] {
  const wallHour = new Date(wallMs).getUTCHours();
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const some = (size: number, max: number, make: () => number) =>
    [...new Set(Array.from({ length: 1 + Math.floor(random() * size) }, make))].filter((n) => n <= max).sort((a, b) => a - b);
  const drawn = Array.from({ length: count }, (): Omit<Case, 'roll'> => {
    const days = random() < 0.1 ? daysAt(timezone, (wallHour + 23 + Math.floor(random() * 4)) % 24, pick([0, 30, 59])) : null;
    if (days) return days;
    const minutes = some(3, 59, () => pick([0, 1, 15, 29, 30, 31, 45, 59, Math.floor(random() * 60)]));
    const hours = random() < 0.3 ? null : some(4, 23, () => (wallHour + 23 + Math.floor(random() * 4)) % 24);
    const weekdays = random() < 0.8 ? null : some(4, 6, () => Math.floor(random() * 7));
    const dst: DstPolicy = { gap: pick(['auto', 'skip', 'shift'] as const), overlap: pick(['auto', 'first', 'second', 'both'] as const) };
    const policy: OraclePolicy = {
      gap: dst.gap === 'auto' ? (hours === null ? 'skip' : 'shift') : (dst.gap as 'skip' | 'shift'),
      overlap: dst.overlap === 'auto' ? (hours === null ? 'both' : 'first') : (dst.overlap as OraclePolicy['overlap']),
    };
    const spec: ScheduleSpec =
      random() < 0.6
        ? { kind: 'cron', cron: `${minutes} ${hours ?? '*'} * * ${weekdays ?? '*'}`, timezone }
        : { kind: 'rrule', rrule: rruleOf(minutes, hours, weekdays), timezone };
    return { spec, dst, pattern: { minutes, hours, weekdays }, policy };
  });
  // What fires every hour names no time of day that could be moved.
  return drawn.map((each) => ({
    ...each,
    roll: each.pattern.hours !== null && random() < ROLLED ? rollAround(wallMs, random) : null,
  }));
}

/** Closed and open days about the change, of either kind. */
function rollAround(wallMs: number, random: () => number): OracleRoll {
  const some = () =>
    Array.from({ length: 1 + Math.floor(random() * 5) }, () =>
      new Date(wallMs + (Math.floor(random() * 7) - 3) * DAY).toISOString().slice(0, 10),
    );
  return {
    way: random() < 0.5 ? 'next' : 'previous',
    openWeekdays: random() < 0.5 ? null : random() < 0.7 ? [1, 2, 3, 4, 5] : [Math.floor(random() * 7)],
    closedDays: some(),
    openDays: random() < 0.7 ? [] : some(),
  };
}

function calendarOf(timezone: string, { openWeekdays, closedDays, openDays }: OracleRoll) {
  const named = (days: readonly string[]) => days.map((day) => ({ day, name: 'x' }));
  return openCalendar({
    name: 'x',
    timezone,
    rules: {
      // Monday is 1 there and Sunday 7.
      weekdays: openWeekdays?.map((day) => day || 7) ?? null,
      exclude: named(closedDays),
      include: named(openDays),
      freezes: [],
    },
  });
}

/** Every day at a time of day, as an interval that follows the zone's clock; null: the anchor's day had no such time. */
function daysAt(timezone: string, hour: number, minute: number): Omit<Case, 'roll'> | null {
  const clock = clockOf(timezone);
  const wall = Date.UTC(1969, 4, 6, hour, minute);
  const anchor = wall - (clock(wall) - wall);
  if (clock(anchor) !== wall) return null;
  return {
    spec: { kind: 'interval', everyMs: 24 * HOUR, anchorAt: new Date(anchor).toISOString(), timezone },
    dst: {},
    pattern: { minutes: [minute], hours: [hour], weekdays: null },
    policy: { gap: 'shift', overlap: 'first' },
  };
}

function rruleOf(minutes: readonly number[], hours: readonly number[] | null, weekdays: readonly number[] | null): string {
  const days = weekdays ? `;BYDAY=${weekdays.map((day) => WEEKDAYS[day])}` : '';
  // From before 1970 on: the rule has been going on for long.
  return `DTSTART:19690101T000000\nRRULE:FREQ=${hours ? `DAILY;BYHOUR=${hours}` : 'HOURLY'};BYMINUTE=${minutes};BYSECOND=0${days}`;
}

/** Where domain and oracle differ in the 48 h around a change; null: nowhere. */
export function differenceAt(shown: Shown, { spec, dst, pattern, policy, roll }: Case, aroundMs: number): string | null {
  const [fromMs, toMs] = [aroundMs - 24 * HOUR, aroundMs + 24 * HOUR];
  const expected = oracleFires(shown, pattern, policy, fromMs, toMs, roll);
  const timezone = spec.timezone ?? 'UTC';
  const fires = firesOfPlan({ spec, dst, ...(roll && { calendar: calendarOf(timezone, roll), onClosedDay: roll.way }) });
  const found: number[] = [];
  for (let at = fires.next(fromMs); at !== null && at < toMs; at = fires.next(at)) found.push(at);
  const last = fires.last(fromMs, toMs - 1);
  const problem =
    found.length !== expected.length || found.some((at, i) => at !== expected[i])
      ? `expected ${expected.map(iso)}\n   found ${found.map(iso)}`
      : last !== (expected.at(-1) ?? null)
        ? `last: expected ${iso(expected.at(-1))}, found ${iso(last)}`
        : null;
  return (
    problem &&
    `${JSON.stringify(spec)} ${JSON.stringify(dst)} ${roll ? JSON.stringify(roll) : 'all days open'} around ${iso(aroundMs)}\n${problem}`
  );
}

const iso = (ms: number | null | undefined): string => (ms == null ? 'none' : new Date(ms).toISOString());
