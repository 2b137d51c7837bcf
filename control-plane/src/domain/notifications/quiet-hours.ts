/** Hours in which people are not to be disturbed, on the wall clock of their zone. */
import type { QuietHours } from '@signalbox/proto/api';
import { zoneOf } from '../schedule/zone.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * When the quiet hours that `now` lies in end; null: it lies in none. `from` after `to` spans midnight; `from` itself is quiet,
 * `to` is not.
 */
export function endOfQuiet(now: Date, { timezone, from, to }: Pick<QuietHours, 'timezone' | 'from' | 'to'>): Date | null {
  const zone = zoneOf(timezone);
  const wallMs = now.getTime() + zone.offsetAt(now.getTime());
  const midnightMs = Math.floor(wallMs / DAY_MS) * DAY_MS;
  const sinceMidnight = wallMs - midnightMs;
  const [start, end] = [minutesOf(from) * MINUTE_MS, minutesOf(to) * MINUTE_MS];
  const endsTomorrow = start > end && sinceMidnight >= start;
  const isQuiet = start <= end ? sinceMidnight >= start && sinceMidnight < end : endsTomorrow || sinceMidnight < end;
  return isQuiet ? new Date(zone.firstInstantOf(midnightMs + end + (endsTomorrow ? DAY_MS : 0))) : null;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
