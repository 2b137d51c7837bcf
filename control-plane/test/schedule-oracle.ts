/**
 * When a pattern fires, found by reading a clock minute by minute: Intl's calendar fields alone, no offsets, no code of
 * the domain. Slow and plain on purpose: it is what the fast functions are held against.
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Times of day that a pattern names; null: all. */
export type OraclePattern = {
  readonly minutes: readonly number[];
  readonly hours: readonly number[] | null;
  /** 0 Sunday to 6; null: all. */
  readonly weekdays: readonly number[] | null;
};
/** Days by their text, `2026-12-25`. Fires of closed ones go a day at a time in one way, at most 31 days. */
export type OracleRoll = {
  readonly way: 'next' | 'previous';
  /** 0 Sunday to 6, as in a pattern; null: all are open. */
  readonly openWeekdays: readonly number[] | null;
  readonly closedDays: readonly string[];
  /** Open, whatever else is said of them. */
  readonly openDays: readonly string[];
};
export type OraclePolicy = { readonly gap: 'skip' | 'shift'; readonly overlap: 'first' | 'second' | 'both' };

/** Reads the wall clock of a zone: milliseconds as `Date.UTC` gives them for what it shows. */
export function clockOf(timeZone: string): (instantMs: number) => number {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    calendar: 'gregory',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (instantMs) => Date.parse(`${format.format(instantMs).replace(' ', 'T')}Z`);
}

const PROBE = 6 * HOUR;

/** Instants at which the clock jumps, to the millisecond. Probed every six hours. */
export function jumpsOf(timeZone: string, fromMs: number, toMs: number): number[] {
  const clock = clockOf(timeZone);
  const ahead = (at: number) => clock(at) - at;
  const jumps: number[] = [];
  let before = ahead(fromMs);
  for (let at = fromMs + PROBE; at <= toMs; at += PROBE) {
    const now = ahead(at);
    if (now === before) continue;
    let [low, high] = [(at - PROBE) / 1_000, at / 1_000];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (ahead(middle * 1_000) === before) low = middle;
      else high = middle;
    }
    jumps.push(high * 1_000);
    // Two jumps between two probes: look again from behind the first.
    before = ahead(high * 1_000);
    if (before !== now) at = high * 1_000;
  }
  return jumps;
}

/** What the clock shows around an instant: 30 h before to 30 h after, a step apart. */
export type Shown = { readonly startMs: number; readonly stepMs: number; readonly walls: readonly number[] };

export function readClock(timeZone: string, aroundMs: number): Shown {
  const clock = clockOf(timeZone);
  const first = Math.floor((aroundMs - 30 * HOUR) / MINUTE) * MINUTE;
  // Liberia was 44 min 30 s behind until 1972: there a clock shows whole minutes at half ones.
  const isHalf = [-30, 0, 30].some((hours) => clock(aroundMs + hours * HOUR) % MINUTE !== Math.floor(aroundMs + hours * HOUR) % MINUTE);
  const stepMs = isHalf ? 10_000 : MINUTE;
  const steps = (60 * HOUR) / stepMs;
  return { startMs: first, stepMs, walls: Array.from({ length: steps }, (_, i) => clock(first + i * stepMs)) };
}

/** The instants of `fromMs < t < toMs`, ascending. The range lies well inside of what was read. */
export function oracleFires(
  { startMs, stepMs, walls }: Shown,
  pattern: OraclePattern,
  policy: OraclePolicy,
  fromMs: number,
  toMs: number,
  roll: OracleRoll | null = null,
): number[] {
  const moved = roll && movedWalls(pattern, roll, walls[0] as number, walls.at(-1) as number);
  const isNamed = (wall: number) => (moved ? moved.has(wall) : matches(pattern, wall));
  const shownAt = new Map<number, number[]>();
  for (const [i, wall] of walls.entries()) {
    if (wall % MINUTE !== 0) continue;
    const at = shownAt.get(wall);
    if (at) at.push(startMs + i * stepMs);
    else shownAt.set(wall, [startMs + i * stepMs]);
  }
  const found = new Set<number>();
  for (const [wall, instants] of shownAt) {
    if (!isNamed(wall)) continue;
    if (policy.overlap === 'both') for (const each of instants) found.add(each);
    else found.add((policy.overlap === 'first' ? instants[0] : instants.at(-1)) as number);
  }
  if (policy.gap === 'shift') {
    for (let i = 1; i < walls.length; i++) {
      const [before, after] = [walls[i - 1] as number, walls[i] as number];
      if (after - before <= stepMs) continue;
      for (let wall = Math.ceil((before + stepMs) / MINUTE) * MINUTE; wall < after; wall += MINUTE)
        if (isNamed(wall)) found.add(startMs + i * stepMs);
    }
  }
  return [...found].filter((at) => at > fromMs && at < toMs).sort((a, b) => a - b);
}

const DAY = 24 * HOUR;
const MOST_DAYS = 31;

/** Each time that the pattern names, taken by itself to the day it comes to. From far enough outside that whatever moves in is there. */
function movedWalls(pattern: OraclePattern, roll: OracleRoll, firstWall: number, lastWall: number): Set<number> {
  const found = new Set<number>();
  const firstDay = Math.floor(firstWall / DAY) * DAY - (MOST_DAYS + 1) * DAY;
  for (let day = firstDay; day <= lastWall + (MOST_DAYS + 1) * DAY; day += DAY) {
    let to = day;
    for (let moves = 0; moves < MOST_DAYS && isClosed(roll, to); moves++) to += roll.way === 'next' ? DAY : -DAY;
    if (isClosed(roll, to)) continue;
    for (let time = 0; time < DAY; time += MINUTE) if (matches(pattern, day + time)) found.add(to + time);
  }
  return found;
}

function isClosed({ openWeekdays, closedDays, openDays }: OracleRoll, wall: number): boolean {
  const text = new Date(wall).toISOString().slice(0, 10);
  if (openDays.includes(text)) return false;
  return closedDays.includes(text) || openWeekdays?.includes(new Date(wall).getUTCDay()) === false;
}

function matches({ minutes, hours, weekdays }: OraclePattern, wall: number): boolean {
  const date = new Date(wall);
  if (!minutes.includes(date.getUTCMinutes())) return false;
  if (hours !== null && !hours.includes(date.getUTCHours())) return false;
  return weekdays === null || weekdays.includes(date.getUTCDay());
}
