import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { collect, wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

const REF = 'flow/name, or an id';

export function defineDeployments(program: Command, bind: Bind): void {
  const deployments = program.command('deployments').description('List, show, override, pause, resume, roll back and delete deployments');
  const ls = deployments
    .command('ls')
    .description('List deployments')
    .option('--search <text>', 'part of the name')
    .option('--limit <n>', 'most to list (default: 50)', wholeNumber)
    .option('--cursor <cursor>', 'go on after this page (nextCursor of --json)')
    .action(bind(async () => (await import('./list-deployments.ts')).listDeployments));
  examples(ls, 'signalbox deployments ls', 'signalbox deployments ls --search weather --json');
  const show = deployments
    .command('show')
    .description('Show one deployment: code, effective values with the layer each comes from, schedules')
    .argument('<deployment>', REF)
    .action(bind(async () => (await import('./show-deployment.ts')).showDeployment));
  examples(show, 'signalbox deployments show weather/daily');
  const pause = deployments
    .command('pause')
    .description('Stop a deployment from starting runs; runs under way go on')
    .argument('<deployment>', REF)
    .option('--reason <text>', 'why; shown to whoever looks')
    .option('--expires <when>', 'resume by itself: 2h, or an instant')
    .action(bind(async () => (await import('./pause-deployment.ts')).pauseDeployment));
  examples(
    pause,
    'signalbox deployments pause weather/daily',
    'signalbox deployments pause weather/daily --reason "moving disks" --expires 2h',
  );
  const resume = deployments
    .command('resume')
    .description('Let a paused deployment start runs again')
    .argument('<deployment>', REF)
    .action(bind(async () => (await import('./pause-deployment.ts')).resumeDeployment));
  examples(resume, 'signalbox deployments resume weather/daily');
  const set = deployments
    .command('set')
    .description('Set fields over what code says; deploying does not undo it')
    .argument('<deployment>', REF)
    .argument('[field=value...]', 'timeoutMs=10m parameters.city=Rome concurrencyLimit=none')
    .option('--remove <field>', 'hide what code says: the default holds, a key is gone; may be repeated', collect)
    .requiredOption('--reason <text>', 'why; shown to whoever looks')
    .option('--expires <when>', 'give back what code says by itself: 2h, or an instant')
    .action(bind(async () => (await import('./override-deployment.ts')).setFields));
  examples(
    set,
    'signalbox deployments set weather/daily timeoutMs=10m --reason "the warehouse is slow" --expires 2h',
    'signalbox deployments set weather/daily parameters.city=Rome variables.env.LOG=debug --reason "a look"',
    'signalbox deployments set weather/daily --remove parameters.city --reason "all cities today"',
  );
  const reset = deployments
    .command('reset')
    .description('Give back what code says')
    .argument('<deployment>', REF)
    .argument('[field...]', 'timeoutMs, parameters.city, or parameters for each of its keys')
    .option('--all', 'everything that people set, a pause included')
    .action(bind(async () => (await import('./override-deployment.ts')).resetFields));
  examples(reset, 'signalbox deployments reset weather/daily timeoutMs', 'signalbox deployments reset weather/daily --all');
  const versions = deployments
    .command('versions')
    .description('List what was deployed: when, by whom, what changed')
    .argument('<deployment>', REF)
    .option('--limit <n>', 'most to list (default: 20)', wholeNumber)
    .option('--cursor <cursor>', 'go on after this page (nextCursor of --json)')
    .action(bind(async () => (await import('./list-versions.ts')).listVersions));
  examples(versions, 'signalbox deployments versions weather/daily');
  const rollback = deployments
    .command('rollback')
    .description('Let new runs use an earlier version; schedules and what people set stay')
    .argument('<deployment>', REF)
    .argument('<version>', 'number of the version', wholeNumber)
    .action(bind(async () => (await import('./list-versions.ts')).rollBack));
  examples(rollback, 'signalbox deployments rollback weather/daily 3');
  const remove = deployments
    .command('delete')
    .description('Delete a deployment and its schedules; its runs stay')
    .argument('<deployment>', REF)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./delete-deployment.ts')).deleteDeployment));
  examples(remove, 'signalbox deployments delete weather/daily --yes');
}
