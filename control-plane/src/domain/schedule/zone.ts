/**
 * Time zones as functions between instants and wall clocks. A wall clock is a number too: the milliseconds that
 * `Date.UTC` gives for what the clock on the wall shows.
 *
 * A zone's offsets are read off `Intl` a year at a time, on first use, and kept: asking again costs a binary search.
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Above every shift a clock has ever made (Samoa left out a whole day in 2011). */
export const LONGEST_SHIFT_MS = 26 * HOUR_MS;
/** Above every offset a clock has ever had (Manila, before 1845: 15:56). */
export const LARGEST_OFFSET_MS = 16 * HOUR_MS;

/** A time in which the offset does not change: `startMs <= t < endMs`. It may touch another of the same offset. */
export type Stretch = { readonly startMs: number; readonly endMs: number; readonly offsetMs: number };

/** A time zone's rules. */
export type Zone = {
  /** Milliseconds the wall clock is ahead of UTC at an instant. */
  offsetAt(instantMs: number): number;
  /** The stretch an instant lies in. */
  stretchAt(instantMs: number): Stretch;
  /** The instants at which the clock shows `wallMs`, ascending: none in a gap, two in an overlap, else one. */
  instantsOf(wallMs: number): number[];
  /**
   * The instant at which the clock shows `wallMs` for the first time. A time that the clock leaves out is answered
   * by the first instant after the gap.
   */
  firstInstantOf(wallMs: number): number;
};

const zones = new Map<string, Zone>();

/** Whether this runtime knows the zone (IANA name, link names included). */
export function isZone(name: string): boolean {
  try {
    zoneOf(name);
    return true;
  } catch {
    return false;
  }
}

/**
 * The zone of an IANA name.
 * @throws RangeError when there is none.
 */
export function zoneOf(name: string): Zone {
  // Names come from people, and case does not count in them: by the spelling, one zone could be kept a thousand times.
  const key = name.toLowerCase();
  const known = zones.get(key);
  if (known) return known;
  const made = makeZone(name);
  zones.set(key, made);
  return made;
}

/** Years kept a zone: whoever asks for more goes on paying for reading them. */
const YEARS_KEPT = 300;

function makeZone(timeZone: string): Zone {
  const readOffset = offsetReader(timeZone);
  const years = new Map<number, readonly Stretch[]>();

  const stretchesOf = (year: number): readonly Stretch[] => {
    const known = years.get(year);
    if (known) return known;
    if (years.size >= YEARS_KEPT) years.clear();
    const made = readYear(readOffset, year);
    years.set(year, made);
    return made;
  };

  const stretchAt = (instantMs: number): Stretch => {
    const stretches = stretchesOf(new Date(instantMs).getUTCFullYear());
    let [low, high] = [0, stretches.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((stretches[middle] as Stretch).startMs <= instantMs) low = middle;
      else high = middle - 1;
    }
    return stretches[low] as Stretch;
  };

  const offsetAt = (instantMs: number): number => stretchAt(instantMs).offsetMs;

  const instantsOf = (wallMs: number): number[] => {
    const found: number[] = [];
    const lastMs = wallMs + LARGEST_OFFSET_MS;
    for (let at = wallMs - LARGEST_OFFSET_MS; at <= lastMs; ) {
      const { startMs, endMs, offsetMs } = stretchAt(at);
      const instant = wallMs - offsetMs;
      if (instant >= startMs && instant < endMs) found.push(instant);
      at = endMs;
    }
    return found;
  };

  const firstInstantOf = (wallMs: number): number => {
    const [first] = instantsOf(wallMs);
    if (first !== undefined) return first;
    // In a gap: the stretch that begins behind `wallMs`, after one that ended before it.
    for (let at = wallMs - LARGEST_OFFSET_MS; ; ) {
      const { startMs, endMs, offsetMs } = stretchAt(at);
      if (startMs + offsetMs > wallMs) return startMs;
      at = endMs;
    }
  };

  return { offsetAt, stretchAt, instantsOf, firstInstantOf };
}

/** Reads `GMT-03:30` and the like off Intl. */
function offsetReader(timeZone: string): (instantMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return (instantMs) => {
    const text = format.format(instantMs);
    const [, sign, hours, minutes, seconds] = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(text) ?? [];
    const size = (Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)) * 1000;
    return sign === '-' ? -size : size;
  };
}

/** The stretches of a year of UTC. Probed day by day: no clock was ever changed and changed back within one. */
function readYear(readOffset: (instantMs: number) => number, year: number): Stretch[] {
  const [startMs, endMs] = [startOfYear(year), startOfYear(year + 1)];
  const stretches: Stretch[] = [];
  let from = startMs;
  let offsetMs = readOffset(startMs);
  for (let at = startMs; at < endMs; ) {
    const next = Math.min(at + DAY_MS, endMs - 1);
    const offset = readOffset(next);
    if (offset !== offsetMs) {
      const changeMs = findChange(readOffset, at, next, offsetMs);
      stretches.push({ startMs: from, endMs: changeMs, offsetMs });
      [from, offsetMs] = [changeMs, readOffset(changeMs)];
      at = changeMs;
      continue;
    }
    if (next === endMs - 1) break;
    at = next;
  }
  stretches.push({ startMs: from, endMs, offsetMs });
  return stretches;
}

/** First instant of `same < t <= other` whose offset is not `offsetMs`. */
function findChange(readOffset: (instantMs: number) => number, same: number, other: number, offsetMs: number): number {
  let [before, after] = [same, other];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (readOffset(middle) === offsetMs) before = middle;
    else after = middle;
  }
  return after;
}

function startOfYear(year: number): number {
  return new Date(0).setUTCFullYear(year, 0, 1);
}
