/**
 * Fires at anchor + n x every, for every whole n: elapsed time, whatever clocks do. With a time zone, days by its clock.
 */
import type { WallPattern } from './cron.ts';
import type { Zone } from './zone.ts';

const DAY_MS = 86_400_000;

/** First fire strictly after `fromMs`. `anchorMs` may lie before or after it. */
export function nextOfInterval(everyMs: number, anchorMs: number, fromMs: number): number {
  return anchorMs + (Math.floor((fromMs - anchorMs) / everyMs) + 1) * everyMs;
}

/** Whether an interval may follow a clock: whole days do, less than a day has no place on one. */
export function isWholeDays(everyMs: number): boolean {
  return everyMs % DAY_MS === 0;
}

/** Every so many days at the anchor's time of day, as the zone's clock shows it; without an anchor at midnight, from 1970-01-01 on. */
export function parseDays(everyMs: number, anchorAt: string | undefined, zone: Zone): WallPattern {
  const anchorMs = anchorAt === undefined ? null : Date.parse(anchorAt);
  const anchorWall = anchorMs === null ? 0 : anchorMs + zone.offsetAt(anchorMs);
  return { nextWall: (wallMs) => nextOfInterval(everyMs, anchorWall, wallMs), isRhythm: false };
}
