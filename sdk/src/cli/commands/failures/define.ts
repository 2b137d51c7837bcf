import { type Command, Option } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

const REF = 'id of the group';
const ID = 'fail_01h455vb4pex5vsknk084sn02q';

export function defineFailures(program: Command, bind: Bind): void {
  const failures = program.command('failures').description('What failed, grouped by its cause: look, acknowledge, mute, resolve, retry');
  const ls = failures
    .command('ls')
    .description('List groups, those that failed most lately first')
    .option('--all', 'resolved ones too')
    .option('--deployment <id>', 'those of this deployment')
    .option('--run <id>', 'that of the last failure of this run, resolved or not')
    .option('--cursor <cursor>', 'go on after this page (nextCursor of --json)')
    .option('--text <text>', 'part of the message, or of the name of a deployment')
    .action(bind(async () => (await import('./show-failures.ts')).listFailures));
  examples(ls, 'signalbox failures ls', 'signalbox failures ls --text timeout');
  const show = failures
    .command('show')
    .description('Show one with its deployments and latest runs')
    .argument('<group>', REF)
    .action(bind(async () => (await import('./show-failures.ts')).showFailure));
  examples(show, `signalbox failures show ${ID}`);
  const acknowledge = failures
    .command('acknowledge')
    .description('Say that you look at it')
    .argument('<group>', REF)
    .option('--owner <name>', 'who looks after it, a person or a team')
    .action(bind(async () => (await import('./triage-failure.ts')).acknowledgeFailure));
  examples(acknowledge, `signalbox failures acknowledge ${ID} --owner "weather team"`);
  const mute = failures
    .command('mute')
    .description('Hear nothing of it for a while')
    .argument('<group>', REF)
    .option('--hours <n>', 'for how long', wholeNumber, 24)
    .option('--off', 'hear of it again')
    .action(bind(async () => (await import('./triage-failure.ts')).muteFailure));
  examples(mute, `signalbox failures mute ${ID} --hours 48`);
  const resolve = failures
    .command('resolve')
    .description('Say that it is mended; it opens again when it is back')
    .argument('<group>', REF)
    .addOption(new Option('--by <what>', 'what shows that it is back').choices(['next-version', 'now']).default('next-version'))
    .action(bind(async () => (await import('./triage-failure.ts')).resolveFailure));
  examples(resolve, `signalbox failures resolve ${ID}`, `signalbox failures resolve ${ID} --by now`);
  const reopen = failures
    .command('reopen')
    .description('Say that it is not mended')
    .argument('<group>', REF)
    .action(bind(async () => (await import('./triage-failure.ts')).reopenFailure));
  examples(reopen, `signalbox failures reopen ${ID}`);
  const retry = failures
    .command('retry')
    .description('Retry all its runs that are failed or crashed still')
    .argument('<group>', REF)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./triage-failure.ts')).retryFailure));
  examples(retry, `signalbox failures retry ${ID} --yes`);
}
