/** A schedule is a pure function: (spec, from) to strictly increasing instants. */
import type { ScheduleSpec } from '@signalbox/proto/api';
import { parseCron } from './cron.ts';
import { nextOfInterval } from './interval.ts';

/** Instants of one spec, in Unix milliseconds. */
export type Fires = {
  /** First fire strictly after `fromMs`; null: never again. */
  next(fromMs: number): number | null;
  /** Last fire of `afterMs < t <= untilMs`; null: none. Cost does not grow with the length of the stretch. */
  last(afterMs: number, untilMs: number): number | null;
};

/**
 * The fires of a spec.
 * @throws when the spec is not valid; ask `checkSpec` first to tell people why.
 */
export function firesOf(spec: ScheduleSpec): Fires {
  const next = nextOf(spec);
  return { next, last: (afterMs, untilMs) => lastOf(next, afterMs, untilMs) };
}

/** The first `count` fires strictly after `from`, ascending; fewer when the schedule ends. */
export function nextFires(spec: ScheduleSpec, from: Date, count: number): Date[] {
  const { next } = firesOf(spec);
  const fires: Date[] = [];
  for (let at = next(from.getTime()); at !== null && fires.length < count; at = next(at)) fires.push(new Date(at));
  return fires;
}

function nextOf(spec: ScheduleSpec): Fires['next'] {
  switch (spec.kind) {
    case 'cron':
      return parseCron(spec.cron, spec.timezone).next;
    case 'interval': {
      const anchorMs = spec.anchorAt === undefined ? 0 : Date.parse(spec.anchorAt);
      return (fromMs) => nextOfInterval(spec.everyMs, anchorMs, fromMs);
    }
    default:
      return spec satisfies never;
  }
}

const FIRST_WINDOW_MS = 60_000;

/** Looks back in windows that grow until one has a fire in it: few fires are walked, however dense or rare they are. */
function lastOf(next: Fires['next'], afterMs: number, untilMs: number): number | null {
  for (let window = FIRST_WINDOW_MS; ; window *= 4) {
    const start = Math.max(afterMs, untilMs - window);
    let found: number | null = null;
    for (let at = next(start); at !== null && at <= untilMs; at = next(at)) found = at;
    if (found !== null || start === afterMs) return found;
  }
}
