/** A schedule is a pure function: (spec, time zone, from) to strictly increasing instants. */
import type { DstPolicy, OnClosedDay, ScheduleSpec } from '@signalbox/proto/api';
import type { OpenCalendar } from './calendar.ts';
import { parseCron, type WallPattern } from './cron.ts';
import { nextOfInterval, parseDays } from './interval.ts';
import { type Roll, rollDays } from './roll.ts';
import { parseRRule } from './rrule.ts';
import { type Dst, type DstNote, dstNote, type NextWall, nextInstant, settleDst } from './wall-fires.ts';
import { type Zone, zoneOf } from './zone.ts';

/** Instants of one spec, in Unix milliseconds. */
export type Fires = {
  /** First fire strictly after `fromMs`; null: never again. */
  next(fromMs: number): number | null;
  /** Last fire of `afterMs < t <= untilMs`; null: none. Cost does not grow with the length of the stretch. */
  last(afterMs: number, untilMs: number): number | null;
};

/** Everything that says when a schedule fires. */
export type Plan = {
  readonly spec: ScheduleSpec;
  readonly dst?: DstPolicy | undefined;
  /** Fires of `startsMs <= t < endsMs` alone; null: no bound. */
  readonly startsMs?: number | null | undefined;
  readonly endsMs?: number | null | undefined;
  readonly calendar?: OpenCalendar | null | undefined;
  /** What becomes of a fire on a day that the calendar closes. Default: `skip`. Its days are then those of the schedule's own clock. */
  readonly onClosedDay?: OnClosedDay | undefined;
};

/** Closed stretches that are leapt over in search of the next fire; a calendar with more counts as closed for good. */
const MAX_LEAPS = 500;
/** And not further ahead than this: looking for a day in four years, hundreds of times, stops everything else for seconds. */
const MAX_LEAPT_MS = 100 * 366 * 86_400_000;

/**
 * The fires of a spec alone, whatever calendar, start or end it has.
 * @throws when the spec is not valid; ask `checkSpec` first to tell people why.
 */
export function firesOf(spec: ScheduleSpec, dst?: DstPolicy): Fires {
  return withLast(patternOf(spec).next(dst));
}

/** The fires of a schedule: of its spec, between start and end, while its calendar is open. @throws as `firesOf` does. */
export function firesOfPlan(plan: Plan): Fires {
  const { startsMs, endsMs } = plan;
  const { pattern, closedAt } = movedPatternOf(plan);
  const raw = pattern.next(plan.dst);
  const first = (startsMs ?? Number.NEGATIVE_INFINITY) - 1;
  const end = endsMs ?? Number.POSITIVE_INFINITY;
  return withLast((fromMs) => {
    let from = Math.max(fromMs, first);
    for (let leaps = 0; leaps < MAX_LEAPS; leaps++) {
      const at = raw(from);
      if (at === null || at >= end || (leaps > 0 && at - fromMs > MAX_LEAPT_MS)) return null;
      const closed = closedAt(at);
      if (!closed) return at;
      from = Math.max(at, closed.untilMs - 1);
    }
    return null;
  });
}

/** The first `count` fires strictly after `from`, ascending; fewer when the schedule ends. */
export function nextFires(spec: ScheduleSpec, from: Date, count: number, dst?: DstPolicy): Date[] {
  const { next } = firesOf(spec, dst);
  const fires: Date[] = [];
  for (let at = next(from.getTime()); at !== null && fires.length < count; at = next(at)) fires.push(new Date(at));
  return fires;
}

/** The pattern of a plan with its fires moved off closed days, where it says so, and what else of its calendar keeps one from firing. */
export function movedPatternOf({ spec, calendar, onClosedDay = 'skip' }: Plan): {
  readonly pattern: Pattern;
  /** Null: none is moved. */
  readonly roll: Roll | null;
  readonly closedAt: OpenCalendar['closedAt'];
} {
  const pattern = patternOf(spec);
  if (!calendar) return { pattern, roll: null, closedAt: () => null };
  if (onClosedDay === 'skip' || pattern.wall === null) return { pattern, roll: null, closedAt: calendar.closedAt };
  const { nextWall, zone } = pattern.wall;
  const roll = rollDays(nextWall, (day) => calendar.closedOn(day) !== null, onClosedDay);
  const moved = wallPattern(pattern.timezone, { nextWall: roll.nextWall, isRhythm: pattern.isRhythm }, zone);
  return { pattern: moved, roll, closedAt: calendar.frozenAt };
}

/** A spec before anything is decided about daylight saving. */
export type Pattern = {
  /** UTC for an interval of elapsed time. */
  readonly timezone: string;
  readonly isRhythm: boolean;
  /** Null: elapsed time, which no clock shows. */
  readonly wall: { readonly nextWall: NextWall; readonly zone: Zone } | null;
  next(dst?: DstPolicy): Fires['next'];
  /** What is odd about one of its instants; null: nothing. */
  note(instantMs: number): DstNote | null;
};

/** Patterns that were read before. The loops ask the same ones again and again, and reading a rule can mean walking its COUNT. */
const patterns = new Map<string, Pattern>();
const PATTERNS_KEPT = 5_000;

/** @throws as `firesOf` does. */
export function patternOf(spec: ScheduleSpec): Pattern {
  const key = JSON.stringify(spec);
  const known = patterns.get(key);
  if (known) return known;
  const made = readPattern(spec);
  if (patterns.size >= PATTERNS_KEPT) patterns.clear();
  patterns.set(key, made);
  return made;
}

function readPattern(spec: ScheduleSpec): Pattern {
  switch (spec.kind) {
    case 'cron':
      return wallPattern(spec.timezone, parseCron(spec.cron, spec.dayAnd), zoneOf(spec.timezone));
    case 'rrule': {
      const zone = zoneOf(spec.timezone);
      return wallPattern(spec.timezone, parseRRule(spec.rrule, spec.timezone, zone), zone);
    }
    case 'interval': {
      if (spec.timezone !== undefined) {
        const zone = zoneOf(spec.timezone);
        return wallPattern(spec.timezone, parseDays(spec.everyMs, spec.anchorAt, zone), zone);
      }
      const anchorMs = spec.anchorAt === undefined ? 0 : Date.parse(spec.anchorAt);
      const next = (fromMs: number) => nextOfInterval(spec.everyMs, anchorMs, fromMs);
      return { timezone: 'UTC', isRhythm: true, wall: null, next: () => next, note: () => null };
    }
    default:
      return spec satisfies never;
  }
}

function wallPattern(timezone: string, { nextWall, isRhythm }: WallPattern, zone: Zone): Pattern {
  return {
    timezone,
    isRhythm,
    wall: { nextWall, zone },
    next: (policy) => {
      const dst: Dst = settleDst(policy, isRhythm);
      return (fromMs) => nextInstant(zone, nextWall, dst, fromMs);
    },
    note: (instantMs) => dstNote(zone, nextWall, instantMs),
  };
}

function withLast(next: Fires['next']): Fires {
  return { next, last: (afterMs, untilMs) => lastOf(next, afterMs, untilMs) };
}

/** Halves the stretch in which the last fire must lie: some forty questions, however many fires there are. */
function lastOf(next: Fires['next'], afterMs: number, untilMs: number): number | null {
  const first = next(afterMs);
  if (first === null || first > untilMs) return null;
  let last = first;
  for (let none = untilMs; none - last > 1; ) {
    const middle = Math.floor((last + none) / 2);
    const at = next(middle);
    if (at !== null && at <= untilMs) last = at;
    else none = middle;
  }
  const at = next(last);
  return at !== null && at <= untilMs ? at : last;
}
