/** Days of the Gregorian calendar as whole numbers, counted from 1970-01-01. */

const DAY_MS = 86_400_000;

export type Civil = { readonly year: number /** 1 to 12. */; readonly month: number; readonly day: number };

/** The day a wall-clock time lies in. */
export function dayOf(wallMs: number): number {
  return Math.floor(wallMs / DAY_MS);
}

export function civilOf(day: number): Civil {
  const date = new Date(day * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** Months beyond 12 go on in the next year. */
export function dayNumber(year: number, month: number, day: number): number {
  return Math.round(new Date(0).setUTCFullYear(year, month - 1, day) / DAY_MS);
}

export function daysInMonth(year: number, month: number): number {
  return dayNumber(year, month + 1, 1) - dayNumber(year, month, 1);
}

export function daysInYear(year: number): number {
  return dayNumber(year + 1, 1, 1) - dayNumber(year, 1, 1);
}

/** Monday is 0. */
export function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** Number of a day's week in its week-year, and how many weeks that has: ISO 8601, for any first day of the week. */
export function weekOf(day: number, weekStart: number): { number: number; of: number } {
  // A week belongs to the year that has four of its days.
  const fourth = day - ((weekdayOf(day) - weekStart + 7) % 7) + 3;
  const { year } = civilOf(fourth);
  const first = firstWeekStart(year, weekStart);
  return { number: Math.floor((day - first) / 7) + 1, of: (firstWeekStart(year + 1, weekStart) - first) / 7 };
}

function firstWeekStart(year: number, weekStart: number): number {
  const fourth = dayNumber(year, 1, 4);
  return fourth - ((weekdayOf(fourth) - weekStart + 7) % 7);
}
