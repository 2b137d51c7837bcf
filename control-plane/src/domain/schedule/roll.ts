/**
 * Fires that fall on closed days, moved to the next or the previous open one at the same time of day: the "following" and "preceding" of
 * business day conventions. A pattern of wall-clock times becomes another one, so that daylight saving, start and end are decided as ever.
 * Fires that come to stand at one time fire there once.
 */
import { dayOf } from './civil.ts';
import type { NextWall } from './wall-fires.ts';

const DAY_MS = 86_400_000;
/** A fire moves no further: one that finds no open day by then is left out. */
const MOST_DAYS = 31;
/** Days with fires that are looked at in search of one that moves to an open day. */
const MAX_LEAPS = 500;

export type Roll = {
  /** The pattern with its fires moved. */
  readonly nextWall: NextWall;
  /** Where a fire of a closed day goes; null: no open day is near enough. */
  movedTo(wallMs: number): number | null;
  /** Times of closed days that this one stands for, nearest first. */
  movedHere(wallMs: number): number[];
};

/** Days are numbers from 1970-01-01, of the clock that shows the pattern's times. Pure as long as `isClosed` is. */
export function rollDays(nextWall: NextWall, isClosed: (day: number) => boolean, way: 'next' | 'previous'): Roll {
  const step = way === 'next' ? 1 : -1;
  const targetOf = (day: number): number | null => {
    for (let i = 0; i <= MOST_DAYS; i++) if (!isClosed(day + i * step)) return day + i * step;
    return null;
  };
  /** Closed days whose fires come to an open one. */
  const closedBefore = (target: number): number[] => {
    const days: number[] = [];
    for (let i = 1; i <= MOST_DAYS && isClosed(target - i * step); i++) days.push(target - i * step);
    return days;
  };
  /** First time of an open day after `timeMs` of it. */
  const firstOn = (target: number, timeMs: number): number | null => {
    const times = [target, ...closedBefore(target)].flatMap((day) => {
      const wall = nextWall(day * DAY_MS + timeMs);
      return wall !== null && dayOf(wall) === day ? [wall - day * DAY_MS] : [];
    });
    return times.length === 0 ? null : target * DAY_MS + Math.min(...times);
  };
  /** The first day of which fires may come to a later day than this one. */
  const laterFrom = (day: number): number => {
    if (way === 'previous' || !isClosed(day)) return day + 1;
    let first = day;
    while (day - first < MOST_DAYS && isClosed(first - 1)) first--;
    return first;
  };

  return {
    nextWall: (wallMs) => {
      const day = dayOf(wallMs);
      const sameDay = isClosed(day) ? null : firstOn(day, wallMs - day * DAY_MS);
      if (sameDay !== null) return sameDay;
      let from = laterFrom(day) * DAY_MS - 1;
      for (let leaps = 0; leaps < MAX_LEAPS; leaps++) {
        const wall = nextWall(from);
        if (wall === null) return null;
        // Days go to days in their order: the first that goes beyond this one goes to the next that has fires.
        const target = targetOf(dayOf(wall));
        if (target !== null && target > day) return firstOn(target, -1);
        from = (dayOf(wall) + 1) * DAY_MS - 1;
      }
      return null;
    },
    movedTo: (wallMs) => {
      const day = dayOf(wallMs);
      const target = targetOf(day);
      return target === null ? null : wallMs + (target - day) * DAY_MS;
    },
    movedHere: (wallMs) => {
      const target = dayOf(wallMs);
      if (isClosed(target)) return [];
      return closedBefore(target)
        .map((day) => wallMs + (day - target) * DAY_MS)
        .filter((wall) => nextWall(wall - 1) === wall);
    },
  };
}
