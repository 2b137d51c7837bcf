import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

export function defineBackfills(program: Command, bind: Bind): void {
  const backfills = program.command('backfills').description('Watch, pause, resume and cancel backfills (make one: schedules backfill)');
  const ls = backfills
    .command('ls')
    .description('List backfills, newest first')
    .argument('[deployment]', 'flow/name, or an id')
    .action(bind(async () => (await import('./show-backfills.ts')).listBackfills));
  examples(ls, 'signalbox backfills ls', 'signalbox backfills ls weather/daily');
  const of = (name: string, description: string) =>
    backfills.command(name).description(description).argument('<backfill>', 'its id, bf_...');
  const show = of('show', 'Show how far one is').action(bind(async () => (await import('./show-backfills.ts')).showBackfill));
  examples(show, 'signalbox backfills show bf_01h455vb4pex5vsknk084sn02q');
  const watch = of('watch', 'Tell how far one is, until it is over').action(bind(async () => (await import('./show-backfills.ts')).watch));
  examples(watch, 'signalbox backfills watch bf_01h455vb4pex5vsknk084sn02q');
  const pause = of('pause', 'Make no more runs until it is resumed').action(
    bind(async () => (await import('./show-backfills.ts')).pauseBackfill),
  );
  examples(pause, 'signalbox backfills pause bf_01h455vb4pex5vsknk084sn02q');
  const resume = of('resume', 'Go on with one that is paused').action(
    bind(async () => (await import('./show-backfills.ts')).resumeBackfill),
  );
  examples(resume, 'signalbox backfills resume bf_01h455vb4pex5vsknk084sn02q');
  const cancel = of('cancel', 'End one, and cancel its runs')
    .option('--keep-runs', 'let the runs that it made go on')
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./show-backfills.ts')).cancelBackfill));
  examples(cancel, 'signalbox backfills cancel bf_01h455vb4pex5vsknk084sn02q --keep-runs');
}
