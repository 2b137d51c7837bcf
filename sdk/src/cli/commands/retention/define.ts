import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

export function defineRetention(program: Command, bind: Bind): void {
  const retention = program.command('retention').description('How long history is kept, and what must be kept longer');
  const show = retention
    .command('show')
    .description('Show how long runs are kept, and the legal holds')
    .action(bind(async () => (await import('./show-retention.ts')).showRetention));
  examples(show, 'signalbox retention show');
  const set = retention
    .command('set')
    .description('Keep runs that are created from now on for so many days after their end')
    .argument('<days>', '1, 3, 7, 14, 30, 60, 90, 180 or 365', wholeNumber)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./set-retention.ts')).setRetention));
  examples(set, 'signalbox retention set 90');
  const hold = retention
    .command('hold')
    .description('Keep a run, the runs of a deployment, or everything of the workspace, whatever its age')
    .requiredOption('--reason <text>', 'why, for those who will ask')
    .option('--run <run>', 'this run: its id or name')
    .option('--deployment <deployment>', 'the runs of this deployment, flow/name or an id (default: everything)')
    .action(bind(async () => (await import('./hold-history.ts')).placeHold));
  examples(hold, "signalbox retention hold --reason 'case 4711' --deployment weather/daily");
  const release = retention
    .command('release')
    .description('Let a legal hold go: what it kept goes when its time is over')
    .argument('<hold>', 'its id, hold_...')
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./hold-history.ts')).releaseHold));
  examples(release, 'signalbox retention release hold_01h455vb4pex5vsknk084sn02q');
}
