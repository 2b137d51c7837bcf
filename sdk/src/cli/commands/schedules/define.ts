import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

export function defineSchedules(program: Command, bind: Bind): void {
  const schedules = program.command('schedules').description('List, preview, enable and disable schedules');
  const ls = schedules
    .command('ls')
    .description('List the schedules of one deployment, or of all')
    .argument('[deployment]', 'flow/name, or an id')
    .action(bind(async () => (await import('./list-schedules.ts')).listSchedules));
  examples(ls, 'signalbox schedules ls', 'signalbox schedules ls weather/daily');
  const preview = schedules
    .command('preview')
    .description('Show when a schedule would fire')
    .argument('[cron]', 'cron expression of five fields, or six with seconds first')
    .option('--timezone <zone>', 'time zone of the cron expression, such as Europe/Berlin (default: UTC)')
    .option('--every <duration>', 'instead of cron: an interval such as 15m')
    .option('--count <n>', 'how many (default: 5)', wholeNumber)
    .action(bind(async () => (await import('./preview-schedule.ts')).previewSchedule));
  examples(
    preview,
    "signalbox schedules preview '0 6 * * 1-5' --timezone Europe/Berlin",
    'signalbox schedules preview --every 6h --count 3',
  );
  const enable = schedules
    .command('enable')
    .description('Let a schedule fire')
    .argument('<deployment>', 'flow/name, or the id of a schedule')
    .argument('[schedule]', 'its slug, when the deployment has several')
    .action(bind(async () => (await import('./switch-schedule.ts')).enableSchedule));
  examples(enable, 'signalbox schedules enable weather/daily', 'signalbox schedules enable weather/daily cron-1');
  const disable = schedules
    .command('disable')
    .description('Stop a schedule from firing')
    .argument('<deployment>', 'flow/name, or the id of a schedule')
    .argument('[schedule]', 'its slug, when the deployment has several')
    .action(bind(async () => (await import('./switch-schedule.ts')).disableSchedule));
  examples(disable, 'signalbox schedules disable weather/daily cron-1');
}
