/** The pure function of a stored schedule. */
import type { DstGap, DstPolicy, OnClosedDay, ScheduleSpec } from '@signalbox/proto/api';
import type { OpenCalendar } from '../../domain/schedule/calendar.ts';
import type { Plan } from '../../domain/schedule/next-fires.ts';

/** What says when a schedule fires, as it is stored. */
export type Timing = {
  readonly spec: ScheduleSpec;
  readonly dstGap: string;
  readonly dstOverlap: string;
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
  readonly calendarId: string | null;
  readonly onClosedDay: string;
};

/** @throws when the schedule's calendar is not among `calendars`: the caller read them before. */
export function planOf(timing: Timing, calendars: ReadonlyMap<string, OpenCalendar>): Plan {
  const { calendarId } = timing;
  const calendar = calendarId === null ? null : calendars.get(calendarId);
  if (calendar === undefined) throw new Error(`calendar ${calendarId} was not read`);
  return {
    spec: timing.spec,
    dst: dstOf(timing),
    startsMs: timing.startsAt?.getTime() ?? null,
    endsMs: timing.endsAt?.getTime() ?? null,
    calendar,
    onClosedDay: timing.onClosedDay as OnClosedDay,
  };
}

export function dstOf({ dstGap, dstOverlap }: Pick<Timing, 'dstGap' | 'dstOverlap'>): DstPolicy {
  return { gap: dstGap as DstGap, overlap: dstOverlap as DstPolicy['overlap'] };
}
