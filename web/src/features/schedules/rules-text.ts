import type { Schedule } from '@signalbox/proto/api';
import { formatSpan } from '../../lib/format.ts';

/** What is not as usual about a schedule, in a few words each. */
export function rulesText(schedule: Schedule): string[] {
  const { overlap, catchUp, jitterMs, calendar, startsAt, endsAt, dstGap, dstOverlap, onClosedDay, instantParameter } = schedule;
  return [
    calendar && `calendar ${calendar}${onClosedDay === 'skip' ? '' : `, closed days move to the ${onClosedDay} open one`}`,
    overlap !== 'allow' && `overlap: ${overlap}`,
    catchUp !== 'latest' && `catch-up: ${catchUp}${catchUp === 'all' ? ` within ${formatSpan(schedule.catchUpWindowMs)}` : ''}`,
    jitterMs > 0 && `jitter up to ${formatSpan(jitterMs)}`,
    startsAt && `from ${startsAt.slice(0, 10)}`,
    endsAt && `until ${endsAt.slice(0, 10)}`,
    dstGap !== 'auto' && `DST gap: ${dstGap}`,
    dstOverlap !== 'auto' && `DST overlap: ${dstOverlap}`,
    instantParameter && `instant as ${instantParameter}`,
  ].filter((text) => typeof text === 'string' && text !== '') as string[];
}
