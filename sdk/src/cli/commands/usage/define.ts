import { type Command, Option } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

export function defineUsage(program: Command, bind: Bind): void {
  const usage = program
    .command('usage')
    .description('Show what the workspace uses, and how much of it it may')
    .addOption(new Option('--by <span>', 'what was used, by the hour or the day').choices(['hour', 'day']))
    .option('--days <n>', 'days back, today included, at most 90 (default: 1 by the hour, 30 by the day)', wholeNumber)
    .action(bind(async () => (await import('./show-usage.ts')).showUsage));
  examples(usage, 'signalbox usage', 'signalbox usage --by day --days 7');
}
