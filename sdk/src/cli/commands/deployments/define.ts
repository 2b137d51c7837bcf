import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

const REF = 'flow/name, or an id';

export function defineDeployments(program: Command, bind: Bind): void {
  const deployments = program.command('deployments').description('List, show, pause, resume and delete deployments');
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
    .description('Show one deployment: code, parameters, schedules')
    .argument('<deployment>', REF)
    .action(bind(async () => (await import('./show-deployment.ts')).showDeployment));
  examples(show, 'signalbox deployments show weather/daily');
  const pause = deployments
    .command('pause')
    .description('Stop a deployment from starting runs; runs under way go on')
    .argument('<deployment>', REF)
    .action(bind(async () => (await import('./pause-deployment.ts')).pauseDeployment));
  examples(pause, 'signalbox deployments pause weather/daily');
  const resume = deployments
    .command('resume')
    .description('Let a paused deployment start runs again')
    .argument('<deployment>', REF)
    .action(bind(async () => (await import('./pause-deployment.ts')).resumeDeployment));
  examples(resume, 'signalbox deployments resume weather/daily');
  const remove = deployments
    .command('delete')
    .description('Delete a deployment and its schedules; its runs stay')
    .argument('<deployment>', REF)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./delete-deployment.ts')).deleteDeployment));
  examples(remove, 'signalbox deployments delete weather/daily --yes');
}
