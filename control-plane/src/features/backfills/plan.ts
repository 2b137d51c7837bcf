/** What a backfill's instants are: the pure function as it was when the backfill was made. */
import type { CalendarRules, DstPolicy, OnClosedDay, ScheduleSpec } from '@signalbox/proto/api';
import { openCalendar } from '../../domain/schedule/calendar.ts';
import { type Fires, firesOfPlan } from '../../domain/schedule/next-fires.ts';

/** Stored as JSON. Start and end of a schedule do not bound it: whoever asks names the range. */
export type BackfillPlan = {
  readonly spec: ScheduleSpec;
  readonly dst: DstPolicy;
  readonly calendar: { readonly name: string; readonly timezone: string; readonly rules: CalendarRules } | null;
  /** Absent of those that were made before there was a choice: `skip`. */
  readonly onClosedDay?: OnClosedDay;
};

export type Range = { readonly fromMs: number; readonly toMs: number; readonly newestFirst: boolean };

export function firesOfBackfill({ spec, dst, calendar, onClosedDay }: BackfillPlan): Fires {
  return firesOfPlan({ spec, dst, calendar: calendar && openCalendar(calendar), onClosedDay });
}

/** Up to `most` instants of `fromMs <= t < toMs` behind the cursor, in the backfill's order. */
export function instantsAfter(fires: Fires, { fromMs, toMs, newestFirst }: Range, cursorMs: number | null, most: number): number[] {
  const instants: number[] = [];
  if (newestFirst) {
    for (
      let at = fires.last(fromMs - 1, (cursorMs ?? toMs) - 1);
      at !== null && instants.length < most;
      at = fires.last(fromMs - 1, at - 1)
    )
      instants.push(at);
    return instants;
  }
  for (let at = fires.next(cursorMs ?? fromMs - 1); at !== null && at < toMs && instants.length < most; at = fires.next(at))
    instants.push(at);
  return instants;
}
