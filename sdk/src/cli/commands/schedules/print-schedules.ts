import { describeSpec, type Schedule } from '@signalbox/proto/api';
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
