/**
 * From the wall-clock times that a pattern names to instants: when does the clock of a zone show them? The only place
 * that decides about daylight saving, for cron and RRULE alike.
 *
 * - In a **gap** a time is left out: `skip` it, or `shift` it to the first instant after the gap (several times left
 *   out together fire once there).
 * - In an **overlap** a time is shown twice: fire at the `first`, the `second`, or `both`.
 */
import type { DstOverlap, DstPolicy } from '@signalbox/proto/api';
import { LARGEST_OFFSET_MS, LONGEST_SHIFT_MS, type Stretch, type Zone } from './zone.ts';

/** Next time strictly after `wallMs` that a pattern names, whatever clock shows it; null: never again. */
export type NextWall = (wallMs: number) => number | null;

/** A policy with nothing left open. */
export type Dst = { readonly gap: 'skip' | 'shift'; readonly overlap: DstOverlap };

/**
 * What a policy means for a pattern. Left open: a pattern that names hours means times of day, each once (`shift`,
 * `first`); one for every hour means a rhythm that follows the clock (`skip`, `both`).
 */
export function settleDst(policy: DstPolicy | undefined, isRhythm: boolean): Dst {
  const gap = policy?.gap ?? 'auto';
  const overlap = policy?.overlap ?? 'auto';
  return {
    gap: gap === 'auto' ? (isRhythm ? 'skip' : 'shift') : gap,
    overlap: overlap === 'auto' ? (isRhythm ? 'both' : 'first') : overlap,
  };
}

/** First instant strictly after `fromMs`; null: never again. Walked from one stretch of constant offset to the next. */
export function nextInstant(zone: Zone, nextWall: NextWall, dst: Dst, fromMs: number): number | null {
  for (let after = fromMs; ; ) {
    const stretch = zone.stretchAt(after + 1);
    const found = firstWithin(zone, stretch, nextWall, dst, after);
    if (found !== null) return found;
    // What this stretch showed at its end, the next can show again. Beyond that, go to where the pattern goes on.
    const wall = nextWall(stretch.endMs + stretch.offsetMs - LONGEST_SHIFT_MS);
    if (wall === null) return null;
    after = Math.max(stretch.endMs, wall - LARGEST_OFFSET_MS) - 1;
  }
}

/** First instant of the stretch, strictly after `afterMs`. */
function firstWithin(zone: Zone, stretch: Stretch, nextWall: NextWall, dst: Dst, afterMs: number): number | null {
  const { startMs, endMs, offsetMs } = stretch;
  if (startMs > afterMs && dst.gap === 'shift' && missedIn(gapBefore(zone, stretch), nextWall) !== null) return startMs;
  const beginMs = Math.max(afterMs, startMs - 1);
  for (let wall = nextWall(beginMs + offsetMs); wall !== null; wall = nextWall(wall)) {
    const instant = wall - offsetMs;
    if (instant >= endMs) return null;
    if (isShownNearChange(stretch, instant) && !takes(zone.instantsOf(wall), instant, dst.overlap)) continue;
    return instant;
  }
  return null;
}

function takes(shown: readonly number[], instant: number, overlap: DstOverlap): boolean {
  if (shown.length < 2 || overlap === 'both') return true;
  return instant === (overlap === 'first' ? shown[0] : shown.at(-1));
}

function isShownNearChange({ startMs, endMs }: Stretch, instant: number): boolean {
  return instant - startMs < LONGEST_SHIFT_MS || endMs - instant <= LONGEST_SHIFT_MS;
}

/** Wall-clock times that are left out right before a stretch, `fromWall <= t < toWall`; null: none. */
function gapBefore(zone: Zone, { startMs, offsetMs }: Stretch): { fromWall: number; toWall: number } | null {
  const before = zone.offsetAt(startMs - 1);
  return before < offsetMs ? { fromWall: startMs + before, toWall: startMs + offsetMs } : null;
}

function missedIn(gap: { fromWall: number; toWall: number } | null, nextWall: NextWall): number | null {
  if (!gap) return null;
  const wall = nextWall(gap.fromWall - 1);
  return wall !== null && wall < gap.toWall ? wall : null;
}

/** What is odd about an instant of a pattern, for people. */
export type DstNote =
  /** Stands for this wall-clock time, which the clock leaves out. */
  | { readonly kind: 'shifted'; readonly wallMs: number }
  /** The clock shows this time twice; this is the first or the second of them. */
  | { readonly kind: 'first' | 'second' };

/** Null: an ordinary time. */
export function dstNote(zone: Zone, nextWall: NextWall, instant: number): DstNote | null {
  const stretch = zone.stretchAt(instant);
  const wall = instant + stretch.offsetMs;
  if (nextWall(wall - 1) !== wall) {
    const missed = stretch.startMs === instant ? missedIn(gapBefore(zone, stretch), nextWall) : null;
    return missed === null ? null : { kind: 'shifted', wallMs: missed };
  }
  if (!isShownNearChange(stretch, instant)) return null;
  const shown = zone.instantsOf(wall);
  if (shown.length < 2) return null;
  return { kind: shown[0] === instant ? 'first' : 'second' };
}
