import type { Schedule, ScheduleSpec } from '@signalbox/proto/api';
import type { Context } from '../../context.ts';
import { relative } from '../../output/time.ts';
import { harmless } from '../../output/width.ts';

export function printSchedules(context: Context, schedules: readonly Schedule[], options: { withDeployment?: boolean } = {}): void {
  const { style } = context;
  const deployment = { header: 'DEPLOYMENT', value: (each: Schedule) => each.deployment.name, min: 12 };
  context.printTable(
    schedules,
    [
      ...(options.withDeployment ? [deployment] : []),
      { header: 'SCHEDULE', value: (each) => each.slug, min: 8 },
      { header: 'FIRES', value: (each) => describeSpec(each.spec), min: 14 },
      {
        header: 'STATUS',
        value: (each) => (each.problem ? style.red('broken') : each.active ? style.green('active') : style.yellow('disabled')),
      },
      { header: 'NEXT', value: (each) => (each.active ? relative(each.nextFireAt, context.host.now()) : '-') },
      { header: 'PROBLEM', value: (each) => harmless(each.problem ?? ''), min: 12, drop: 1 },
    ],
    'No schedules.',
  );
}

/** `0 6 * * * (Europe/Berlin)`, `every 15 min`, `every 14 d (Europe/Berlin)`, `FREQ=WEEKLY;BYDAY=MO (UTC)`. */
export function describeSpec(spec: ScheduleSpec): string {
  switch (spec.kind) {
    case 'cron':
      return `${spec.cron} (${spec.timezone}${spec.dayAnd ? ', day and weekday' : ''})`;
    case 'interval':
      return `every ${lengthOf(spec.everyMs)}${spec.anchorAt ? ` from ${spec.anchorAt}` : ''}${spec.timezone ? ` (${spec.timezone})` : ''}`;
    case 'rrule':
      return `${spec.rrule.replaceAll('\n', ' ')} (${spec.timezone})`;
    default:
      return spec satisfies never;
  }
}

/** In the largest unit that is whole. */
function lengthOf(ms: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ] as const;
  const [size, unit] = units.find(([each]) => ms % each === 0) ?? ([1, 'ms'] as const);
  return `${ms / size} ${unit}`;
}
