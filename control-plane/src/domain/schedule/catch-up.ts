/** Which fires become runs, also after nobody fired for a while. */
import type { CatchUp } from '@signalbox/proto/api';
import type { Fires } from './next-fires.ts';

/** What a schedule owes. */
export type OwedFires = {
  /** Instants to make runs for, ascending. */
  readonly dueMs: readonly number[];
  /** Instants that were left out, from the first to the last; null: none was. */
  readonly missed: { readonly firstMs: number; readonly lastMs: number } | null;
  /** Instant up to which the schedule is dealt with once these are made. */
  readonly lowWaterMs: number;
  /** First instant after that; null: never again. In the past when there was too much for one go. */
  readonly nextMs: number | null;
};

export type CatchUpRules = {
  readonly catchUp: CatchUp;
  /** How far back `all` goes. */
  readonly windowMs: number;
  /** Within it nothing counts as missed, whatever the policy. */
  readonly graceMs: number;
  /** How long before its instant a fire is made. */
  readonly prefetchMs: number;
  /** Most instants in one go. */
  readonly most: number;
};

/**
 * The fires a schedule owes at `nowMs`, having been dealt with up to `lowWaterMs`.
 *
 * Everything of the last `graceMs` and of the next `prefetchMs` is made. Of what was missed by more, `skip` makes
 * nothing, `latest` the last instant, unless a fire within the grace already took its place (after a night's outage an
 * hourly schedule makes one run, not nine), and `all` whatever lies within the window.
 */
export function owedFires(
  fires: Fires,
  { lowWaterMs, nowMs, rules }: { lowWaterMs: number; nowMs: number; rules: CatchUpRules },
): OwedFires {
  const reachMs = rules.catchUp === 'all' ? Math.max(rules.windowMs, rules.graceMs) : rules.graceMs;
  const recentMs = Math.max(lowWaterMs, nowMs - reachMs);
  const horizonMs = Math.max(nowMs + rules.prefetchMs, lowWaterMs);
  const dueMs: number[] = [];
  for (let at = fires.next(recentMs); at !== null && at <= horizonMs && dueMs.length < rules.most; at = fires.next(at)) dueMs.push(at);

  let lastMissed = recentMs > lowWaterMs ? fires.last(lowWaterMs, recentMs) : null;
  if (lastMissed !== null && rules.catchUp === 'latest' && !dueMs.some((at) => at <= nowMs)) {
    dueMs.unshift(lastMissed);
    lastMissed = fires.last(lowWaterMs, lastMissed - 1);
  }
  const missed = lastMissed === null ? null : { firstMs: fires.next(lowWaterMs) as number, lastMs: lastMissed };
  const doneMs = dueMs.at(-1) ?? missed?.lastMs ?? lowWaterMs;
  return { dueMs, missed, lowWaterMs: doneMs, nextMs: fires.next(doneMs) };
}
