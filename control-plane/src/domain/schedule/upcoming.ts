/** The coming instants of a schedule, each with what becomes of it and why. The same functions fire it. */
import type { UpcomingFire } from '@signalbox/proto/api';
import { dayOf } from './civil.ts';
import { jitterOf } from './jitter.ts';
import { movedPatternOf, type Pattern, type Plan, patternOf } from './next-fires.ts';
import type { Roll } from './roll.ts';
import { zoneOf } from './zone.ts';

export type UpcomingOf = Plan & {
  /** Of a schedule that is stored: its jitter is known. */
  readonly scheduleId: string | null;
  readonly jitterMs: number;
  /** Why none of them fires at present; null: they do. */
  readonly pausedBecause: string | null;
  /** Fires that people skip, by instant. */
  readonly skips: ReadonlyMap<number, { readonly by: string; readonly reason: string }>;
};

/** The next `count` instants after `fromMs` that the pattern names, ascending; the list ends with the first one past the end. */
export function upcomingFires(of: UpcomingOf, fromMs: number, count: number): { timezone: string; fires: UpcomingFire[] } {
  const pattern = patternOf(of.spec);
  const moved = movedPatternOf(of);
  const actual = moved.pattern.next(of.dst);
  const named = namedBy(pattern, of);
  const either = moved.roll ? (from: number) => earlier(named(from), actual(from)) : named;
  const zone = zoneOf(pattern.timezone);
  const fires: UpcomingFire[] = [];
  for (
    let at = either(Math.max(fromMs, (of.startsMs ?? Number.NEGATIVE_INFINITY) - 1));
    at !== null && fires.length < count;
    at = either(at)
  ) {
    const skip = of.skips.get(at) ?? null;
    const wall = at + zone.offsetAt(at);
    const isMeant = actual(at - 1) === at;
    const obstacle = obstacleOf(of, at, isMeant ? null : (movedAway(of, moved.roll, wall) ?? leftOut(pattern, at)), skip, moved.closedAt);
    fires.push({
      at: instant(at),
      dueAt: instant(at + (of.scheduleId === null ? 0 : jitterOf(of.scheduleId, at, of.jitterMs))),
      local: wallText(wall),
      fires: obstacle === null,
      reason: obstacle ?? movedHere(of, moved.roll, wall, pattern) ?? oddity(moved.pattern, at),
      skip: skip && { ...skip },
    });
    if (isPastEnd(of, at)) break;
  }
  return { timezone: pattern.timezone, fires };
}

/** Times of day are named also where daylight saving takes them away; a rhythm has nothing to miss. */
function namedBy(pattern: Pattern, { dst }: Plan): (fromMs: number) => number | null {
  const isLeftToRhythm = pattern.isRhythm && (dst?.gap ?? 'auto') === 'auto' && (dst?.overlap ?? 'auto') === 'auto';
  return pattern.next(isLeftToRhythm ? dst : { gap: 'shift', overlap: 'both' });
}

const isPastEnd = ({ endsMs }: Plan, at: number): boolean => endsMs != null && at >= endsMs;

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function obstacleOf(
  of: UpcomingOf,
  at: number,
  leftOutBecause: string | null,
  skip: { by: string; reason: string } | null,
  closedAt: ReturnType<typeof movedPatternOf>['closedAt'],
): string | null {
  if (isPastEnd(of, at)) return `past its end, ${instant(of.endsMs as number)}`;
  if (leftOutBecause !== null) return leftOutBecause;
  const closed = closedAt(at);
  if (closed) return closed.reason;
  if (skip) return skipReason(skip);
  return of.pausedBecause;
}

/** `skipped by ada@example.com: maintenance`. */
export function skipReason({ by, reason }: { readonly by: string; readonly reason: string }): string {
  return `skipped by ${by}${reason ? `: ${reason}` : ''}`;
}

/** Of a fire on a closed day: where it goes. Null: it is on an open one. */
function movedAway({ calendar }: Plan, roll: Roll | null, wall: number): string | null {
  const reason = roll && calendar?.closedOn(dayOf(wall));
  if (!roll || !reason) return null;
  const to = roll.movedTo(wall);
  return to === null ? `${reason}, and no open day is near` : `${reason}; moved to ${wallText(to)}`;
}

/** Of a fire that stands for others: for which. Null: for itself alone. */
function movedHere({ calendar }: Plan, roll: Roll | null, wall: number, { wall: own }: Pattern): string | null {
  const from = roll?.movedHere(wall) ?? [];
  const [nearest] = from;
  if (nearest === undefined) return null;
  const days = from.map((each) => wallText(each).slice(0, 10)).sort();
  if (own?.nextWall(wall - 1) === wall) return `stands for ${days.join(', ')} too`;
  return `moved from ${days.join(', ')}: ${calendar?.closedOn(dayOf(nearest))}`;
}

function leftOut(pattern: Pattern, at: number): string {
  const note = pattern.note(at);
  if (note?.kind === 'shifted') return `${wallText(note.wallMs)} does not exist: the clock goes forward (gap: skip)`;
  return `the clock shows this time twice, and this is the ${note?.kind ?? 'other'} of them`;
}

function oddity(pattern: Pattern, at: number): string | null {
  const note = pattern.note(at);
  if (note === null) return null;
  if (note.kind === 'shifted') return `stands for ${wallText(note.wallMs)}, which the clock leaves out`;
  return `the ${note.kind} of two: the clock shows this time twice`;
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

/** `2026-03-08 03:00:00`. */
function wallText(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 19).replace('T', ' ');
}
