import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { decimalOrNone, wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

const REF = 'name or id of the limit';

export function defineLimits(program: Command, bind: Bind): void {
  const limits = program.command('limits').description('List, show, create, change and delete limits that runs share');
  const ls = limits
    .command('ls')
    .description('List limits, with what is taken of each and how many wait')
    .action(bind(async () => (await import('./list-limits.ts')).listLimits));
  examples(ls, 'signalbox limits ls');
  const show = limits
    .command('show')
    .description('Show one limit: who holds it, who waits for it')
    .argument('<limit>', REF)
    .action(bind(async () => (await import('./show-limit.ts')).showLimit));
  examples(show, 'signalbox limits show db');
  const create = limits
    .command('create')
    .description('Create a limit; one named tag:TAG limits tasks that carry the tag')
    .argument('<name>', 'what code calls it')
    .requiredOption('--slots <n>', 'how many may hold one at once; 0 closes it', wholeNumber)
    .option('--decay <per-second>', 'make it a rate: so many slots come back by themselves each second', decimalOrNone)
    .option('--description <text>', 'what it is for')
    .option('--off', 'limit nobody for now')
    .action(bind(async () => (await import('./create-limit.ts')).createLimit));
  examples(
    create,
    'signalbox limits create db --slots 5',
    'signalbox limits create tag:warehouse --slots 2',
    'signalbox limits create github-api --slots 10 --decay 0.5',
  );
  const update = limits
    .command('update')
    .description('Change a limit; who waits for room, and finds some now, goes on at once')
    .argument('<limit>', REF)
    .option('--slots <n>', 'how many may hold one at once; 0 closes it', wholeNumber)
    .option('--decay <per-second>', 'slots that come back each second, or none', decimalOrNone)
    .option('--description <text>', 'what it is for')
    .option('--off', 'limit nobody for now')
    .option('--on', 'limit again')
    .action(bind(async () => (await import('./update-limit.ts')).updateLimit));
  examples(update, 'signalbox limits update db --slots 8', 'signalbox limits update db --off');
  const free = limits
    .command('free')
    .description('Free the slots that a run holds of a limit; its code goes on')
    .argument('<limit>', REF)
    .argument('<run>', 'name or id of the run')
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./free-slots.ts')).freeSlots));
  examples(free, 'signalbox limits free db run_01h455vb4pex5vsknk084sn02q');
  const remove = limits
    .command('delete')
    .description('Delete a limit: nobody is held back by it any more')
    .argument('<limit>', REF)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./delete-limit.ts')).deleteLimit));
  examples(remove, 'signalbox limits delete db --yes');
}
