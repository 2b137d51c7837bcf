/** How long history is kept. A run lies on the day of its creation, and days go as a whole. */

const DAY_MS = 86_400_000;

/** Days that a workspace may choose from. Few on purpose: each class in use has its own leaves a day. */
export const RETENTION_DAYS = [1, 3, 7, 14, 30, 60, 90, 180, 365] as const;

/** From a day's closing, when nothing new is let in, to its end: what is under way by then has ended. */
export const CLOSING_MS = 3_600_000;

/** Milliseconds that a class such as `d30` keeps. */
export function retentionMsOf(retentionClass: string): number {
  return Number(retentionClass.slice(1)) * DAY_MS;
}

/**
 * From then on the day of a run that was created at `createdAt` takes nothing new, retries included: whatever ended on the
 * day after it has been kept its whole time. The same as `signalbox_day_closes_at` in SQL.
 */
export function dayClosesAt(createdAt: Date, retentionMs: number): Date {
  return new Date(Math.floor(createdAt.getTime() / DAY_MS) * DAY_MS + DAY_MS + retentionMs);
}
