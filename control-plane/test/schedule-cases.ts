/** Random schedules around a clock change, by seed, and what the domain and the oracle say of each. */
import type { DstPolicy, ScheduleSpec } from '@signalbox/proto/api';
import { firesOf } from '../src/domain/schedule/next-fires.ts';
import { clockOf, type OraclePattern, type OraclePolicy, oracleFires, type Shown } from './schedule-oracle.ts';

const HOUR = 3_600_000;

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

export type Case = { readonly spec: ScheduleSpec; readonly dst: DstPolicy; readonly pattern: OraclePattern; readonly policy: OraclePolicy };

const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** Patterns that are likely to meet the change: hours around it, minutes on round figures, every policy. */
export function casesAt(timezone: string, wallHour: number, random: () => number, count: number): Case[] {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const some = (size: number, max: number, make: () => number) =>
    [...new Set(Array.from({ length: 1 + Math.floor(random() * size) }, make))].filter((n) => n <= max).sort((a, b) => a - b);
  return Array.from({ length: count }, (): Case => {
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
}

/** Every day at a time of day, as an interval that follows the zone's clock; null: the anchor's day had no such time. */
function daysAt(timezone: string, hour: number, minute: number): Case | null {
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
export function differenceAt(shown: Shown, { spec, dst, pattern, policy }: Case, aroundMs: number): string | null {
  const [fromMs, toMs] = [aroundMs - 24 * HOUR, aroundMs + 24 * HOUR];
  const expected = oracleFires(shown, pattern, policy, fromMs, toMs);
  const fires = firesOf(spec, dst);
  const found: number[] = [];
  for (let at = fires.next(fromMs); at !== null && at < toMs; at = fires.next(at)) found.push(at);
  const last = fires.last(fromMs, toMs - 1);
  const problem =
    found.length !== expected.length || found.some((at, i) => at !== expected[i])
      ? `expected ${expected.map(iso)}\n   found ${found.map(iso)}`
      : last !== (expected.at(-1) ?? null)
        ? `last: expected ${iso(expected.at(-1))}, found ${iso(last)}`
        : null;
  return problem && `${JSON.stringify(spec)} ${JSON.stringify(dst)} around ${iso(aroundMs)}\n${problem}`;
}

const iso = (ms: number | null | undefined): string => (ms == null ? 'none' : new Date(ms).toISOString());
