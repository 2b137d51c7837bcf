import type { ScheduleSpec } from '@signalbox/proto/api';
import { formatSpan } from '../../lib/format.ts';

/** `0 6 * * * Europe/Berlin`, `every 15 min`, `FREQ=WEEKLY;BYDAY=MO UTC`. */
export function scheduleText(spec: ScheduleSpec): string {
  switch (spec.kind) {
    case 'cron':
      return `${spec.cron} ${spec.timezone}`;
    case 'interval':
      return `every ${formatSpan(spec.everyMs)}`;
    case 'rrule':
      return `${spec.rrule.replaceAll('\n', ' ')} ${spec.timezone}`;
    default:
      return spec satisfies never;
  }
}
