import type { ScheduleSpec } from '@signalbox/proto/api';
import { formatSpan } from '../../lib/format.ts';

/** `0 6 * * * Europe/Berlin`, `every 15 min`, `every 14 d Europe/Berlin`, `FREQ=WEEKLY;BYDAY=MO UTC`. */
export function scheduleText(spec: ScheduleSpec): string {
  switch (spec.kind) {
    case 'cron':
      return `${spec.cron} ${spec.timezone}${spec.dayAnd ? ', day and weekday' : ''}`;
    case 'interval':
      return `every ${formatSpan(spec.everyMs)}${spec.anchorAt ? ` from ${spec.anchorAt.slice(0, 16)}Z` : ''}${spec.timezone ? ` ${spec.timezone}` : ''}`;
    case 'rrule':
      return `${spec.rrule.replaceAll('\n', ' ')} ${spec.timezone}`;
    default:
      return spec satisfies never;
  }
}
