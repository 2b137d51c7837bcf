/**
 * Cron over a time zone. `croner` says at which wall-clock times a pattern matches (asked in UTC, where no clock is
 * ever shifted); when the clock shows them is decided here, by one of two rules:
 *
 * - A pattern that **names hours** (`30 2 * * *`) means times of day. Each fires exactly once: one that the clock
 *   leaves out fires at the first instant after the gap, one that it shows twice fires at the first.
 * - A pattern for **every hour** (`*` in the hour field, `0 * * * *`) means a rhythm. It fires whenever the clock shows
 *   a match: both times round in an overlap, so that a job of every five minutes is never silent for an hour, and
 *   nothing is made up for a gap.
 */
import { Cron } from 'croner';
import { LONGEST_SHIFT_MS, type Zone, zoneOf } from './zone.ts';

/** A parsed pattern in a zone. */
export type CronSchedule = {
  /** First fire strictly after `fromMs`; null: never again. */
  next(fromMs: number): number | null;
};

/**
 * Reads five fields (minute hour day month weekday), six with seconds first, or a nickname such as `@daily`. Day and
 * weekday both restricted: either matches, as in Vixie cron.
 * @throws when the pattern or the zone is not valid; `checkSpec` says why in plain words.
 */
export function parseCron(pattern: string, timezone: string): CronSchedule {
  const zone = zoneOf(timezone);
  const cron = new Cron(pattern, { timezone: 'UTC', mode: '5-or-6-parts' });
  const nextWall = (wallMs: number): number | null => cron.nextRun(new Date(wallMs))?.getTime() ?? null;
  const next = isEveryHour(pattern) ? nextOfRhythm : nextOfTimes;
  return { next: (fromMs) => next(zone, nextWall, fromMs) };
}

function isEveryHour(pattern: string): boolean {
  const fields = pattern.trim().split(/\s+/);
  if (fields.length === 1) return /^@hourly$/i.test(pattern.trim());
  return /^(\*|\*\/1|0-23|\?)$/.test(fields.at(-4) ?? '');
}

type NextWall = (wallMs: number) => number | null;

/** Times of day, each once. */
function nextOfTimes(zone: Zone, nextWall: NextWall, fromMs: number): number | null {
  let wall = nextWall(fromMs + zone.offsetAt(fromMs));
  for (; wall !== null; wall = nextWall(wall)) {
    // At or before `from`: shown a second time now, fired at the first.
    const instant = zone.firstInstantOf(wall);
    if (instant > fromMs) return instant;
  }
  return null;
}

/** Every instant at which the clock shows a match, walked from one stretch of constant offset to the next. */
function nextOfRhythm(zone: Zone, nextWall: NextWall, fromMs: number): number | null {
  for (let after = fromMs; ; ) {
    const offset = zone.offsetAt(after + 1);
    const wall = nextWall(after + offset);
    if (wall === null) return null;
    const instant = wall - offset;
    // Another offset can have made an earlier match only this shortly before.
    const windowStart = Math.max(after + 1, instant - LONGEST_SHIFT_MS);
    if (zone.offsetAt(windowStart) !== offset) {
      after = windowStart - 1;
      continue;
    }
    const change = zone.changeWithin(windowStart, instant);
    if (change === null) return instant;
    after = change - 1;
  }
}
