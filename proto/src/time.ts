/** Instants and durations on the wire: ISO-8601 UTC text, and whole milliseconds. */
import { z } from 'zod';

/** An instant: ISO-8601 in UTC with milliseconds, `2026-01-31T08:00:00.000Z`. Postgres has no year 0. */
export const instantSchema = z.iso
  .datetime({ offset: false })
  .refine((text) => !text.startsWith('0000'), 'expected an instant after the year 0');
export type Instant = string;

/** A duration in whole milliseconds, from 0 to 400 days. */
export const durationMsSchema = z
  .number()
  .int()
  .min(0)
  .max(400 * 86_400_000);

/** The wire form of a date. */
export function toInstant(date: Date): Instant {
  return date.toISOString();
}

/** The date an instant names. @throws RangeError when it names none. */
export function fromInstant(instant: Instant): Date {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) throw new RangeError(`not an instant: ${instant}`);
  return date;
}
