/** What a deployment says of its schedules: a list, or one in short. */
import type { DeploymentOptions } from './deployment.ts';
import { toMs } from './duration.ts';
import { cron, interval, rrule, type ScheduleDefinition } from './schedules.ts';

/**
 * @internal Undefined when nothing is said. `owner` begins the errors.
 * @throws RangeError when it is said twice or when a time zone has no wall clock beside it.
 */
export function deploymentSchedules(options: DeploymentOptions, owner: string): readonly ScheduleDefinition[] | undefined {
  const { schedules, cron: expression, interval: every, rrule: rule, timezone } = options;
  const said = Object.entries({ schedules, cron: expression, interval: every, rrule: rule }).filter(([, value]) => value !== undefined);
  if (said.length > 1) {
    const names = said.map(([name]) => name).join(', ');
    throw new RangeError(`${owner}: expected one of schedules, cron, interval and rrule, got ${names}; several belong in schedules`);
  }
  if (timezone !== undefined && expression === undefined && rule === undefined && every === undefined) {
    const where = schedules === undefined ? '' : '; those in schedules have their own';
    throw new RangeError(
      `${owner}: timezone: expected cron, interval or rrule beside it, got "${timezone}" ${said[0] ? `beside ${said[0][0]}` : 'alone'}${where}`,
    );
  }
  const wallClock = timezone === undefined ? {} : { timezone };
  if (expression !== undefined) return [cron(expression, wallClock)];
  if (rule !== undefined) return [rrule(rule, wallClock)];
  return every === undefined ? schedules : [interval(toMs(every, `${owner}: interval`), wallClock)];
}
