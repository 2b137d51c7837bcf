/** Which fires become runs, also after nobody fired for a while. */
import type { Fires } from './next-fires.ts';

/** What a schedule owes. */
export type OwedFires = {
  /** Instants to make runs for, ascending. */
  readonly dueMs: readonly number[];
  /** Instant up to which the schedule is dealt with once these are made. */
  readonly lowWaterMs: number;
  /** First instant after that; null: never again. */
  readonly nextMs: number | null;
  /** True: earlier instants were left out. */
  readonly skipped: boolean;
};

/**
 * The fires a schedule owes at `nowMs`, having been dealt with up to `lowWaterMs`.
 *
 * Everything of the last `graceMs` and of the next `prefetchMs` is made. What was missed by more than the grace is
 * left out, save the latest: after a night's outage an hourly schedule makes one run, not nine. That latest one is
 * made only when no fire within the grace already took its place.
 */
export function owedFires(
  fires: Fires,
  { lowWaterMs, nowMs, graceMs, prefetchMs }: { lowWaterMs: number; nowMs: number; graceMs: number; prefetchMs: number },
): OwedFires {
  const horizonMs = Math.max(nowMs + prefetchMs, lowWaterMs);
  const recentMs = Math.max(lowWaterMs, nowMs - graceMs);
  const dueMs: number[] = [];
  for (let at = fires.next(recentMs); at !== null && at <= horizonMs; at = fires.next(at)) dueMs.push(at);

  const missed = recentMs > lowWaterMs ? fires.last(lowWaterMs, recentMs) : null;
  const replaced = dueMs.some((at) => at <= nowMs);
  const skipped = missed !== null && (replaced || fires.last(lowWaterMs, missed - 1) !== null);
  if (missed !== null && !replaced) dueMs.unshift(missed);
  return { dueMs, lowWaterMs: dueMs.at(-1) ?? lowWaterMs, nextMs: fires.next(horizonMs), skipped };
}
