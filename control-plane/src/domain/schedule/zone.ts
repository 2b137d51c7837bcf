/**
 * Time zones as functions between instants and wall clocks. A wall clock is a number too: the milliseconds that
 * `Date.UTC` gives for what the clock on the wall shows.
 */

/** Above every shift a clock has ever made (Samoa left out a whole day in 2011). */
export const LONGEST_SHIFT_MS = 26 * 3_600_000;

/** A time zone's rules. */
export type Zone = {
  /** Milliseconds the wall clock is ahead of UTC at an instant. */
  offsetAt(instantMs: number): number;
  /**
   * The instant at which the clock shows `wallMs` for the first time. A time that the clock leaves out is answered
   * by the first instant after the gap.
   */
  firstInstantOf(wallMs: number): number;
  /** First instant of `fromMs < t <= toMs` at which the offset differs from that at `fromMs`; null: none. Windows of up to two days. */
  changeWithin(fromMs: number, toMs: number): number | null;
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

function makeZone(timeZone: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });

  const offsetAt = (instantMs: number): number => {
    const name = format.formatToParts(instantMs).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
    const [, sign, hours, minutes, seconds] = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(name) ?? [];
    const size = (Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)) * 1000;
    return sign === '-' ? -size : size;
  };

  const changeWithin = (fromMs: number, toMs: number): number | null => {
    const before = offsetAt(fromMs);
    if (toMs <= fromMs || offsetAt(toMs) === before) return null;
    let [same, other] = [fromMs, toMs];
    while (other - same > 1) {
      const middle = Math.floor((same + other) / 2);
      if (offsetAt(middle) === before) same = middle;
      else other = middle;
    }
    return other;
  };

  const firstInstantOf = (wallMs: number): number => {
    const before = offsetAt(wallMs - LONGEST_SHIFT_MS);
    const after = offsetAt(wallMs + LONGEST_SHIFT_MS);
    // The offset of before the change is tried first: in an overlap that is the first time round.
    for (const offset of [before, after]) if (offsetAt(wallMs - offset) === offset) return wallMs - offset;
    return changeWithin(wallMs - LONGEST_SHIFT_MS, wallMs + LONGEST_SHIFT_MS) ?? wallMs - after;
  };

  return { offsetAt, firstInstantOf, changeWithin };
}
