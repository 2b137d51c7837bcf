import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

const REF = 'name or id of the automation';

export function defineAutomations(program: Command, bind: Bind): void {
  const automations = program
    .command('automations')
    .description('List, show, apply, switch, test and delete automations; retry their actions');
  const ls = automations
    .command('ls')
    .description('List automations')
    .option('--search <text>', 'those with this in their name')
    .action(bind(async () => (await import('./show-automations.ts')).listAutomations));
  examples(ls, 'signalbox automations ls');
  const get = automations
    .command('get')
    .description('Print one automation, as a file that `apply` takes')
    .argument('<automation>', REF)
    .action(bind(async () => (await import('./show-automations.ts')).getAutomation));
  examples(get, 'signalbox automations get "Tell us of failures" > failures.yaml');
  const apply = automations
    .command('apply')
    .description('Make the automations of a file, or change those of the same name')
    .requiredOption('-f, --file <path>', 'YAML or JSON: one automation, or a list of them; - is standard input')
    .action(bind(async () => (await import('./apply-automations.ts')).applyAutomations));
  examples(apply, 'signalbox automations apply -f failures.yaml');
  const enable = automations
    .command('enable')
    .description('Switch an automation on: it counts from now')
    .argument('<automation>', REF)
    .action(bind(async () => (await import('./switch-automation.ts')).enableAutomation));
  examples(enable, 'signalbox automations enable "Tell us of failures"');
  const disable = automations
    .command('disable')
    .description('Switch an automation off')
    .argument('<automation>', REF)
    .action(bind(async () => (await import('./switch-automation.ts')).disableAutomation));
  examples(disable, 'signalbox automations disable "Tell us of failures"');
  const test = automations
    .command('test')
    .description('Say when an automation would have fired in the last days')
    .argument('[automation]', REF)
    .option('-f, --file <path>', 'automations of a file instead, YAML or JSON; - is standard input')
    .option('--days <n>', 'how far back, at most 30 (default 7)', wholeNumber)
    .action(bind(async () => (await import('./test-automation.ts')).testAutomation));
  examples(test, 'signalbox automations test "Tell us of failures"', 'signalbox automations test -f failures.yaml --days 14');
  const firings = automations
    .command('firings')
    .description('List when automations fired, and what they did')
    .argument('[automation]', REF)
    .option('--failed', 'those with an action that failed')
    .option('--limit <n>', 'how many, at most 200 (default 20)', wholeNumber)
    .action(bind(async () => (await import('./show-automations.ts')).listFirings));
  examples(firings, 'signalbox automations firings "Tell us of failures" --failed');
  const retry = automations
    .command('retry')
    .description('Try an action again that was given up, under the id that it had')
    .argument('<action>', 'id of the action, as `firings --failed` says')
    .action(bind(async () => (await import('./show-automations.ts')).retryAction));
  examples(retry, 'signalbox automations retry act_01h455vb4pex5vsknk084sn02q');
  const remove = automations
    .command('delete')
    .description('Delete an automation with its history')
    .argument('<automation>', REF)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./switch-automation.ts')).deleteAutomation));
  examples(remove, 'signalbox automations delete "Tell us of failures" --yes');
}
