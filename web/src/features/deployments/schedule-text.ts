import type { ScheduleSpec } from '@signalbox/proto/api';
import { formatSpan } from '../../lib/format.ts';

/** `0 6 * * * Europe/Berlin`, `every 15 min`. */
export function scheduleText(spec: ScheduleSpec): string {
  return spec.kind === 'cron' ? `${spec.cron} ${spec.timezone}` : `every ${formatSpan(spec.everyMs)}`;
}
