import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

export function defineDeploy(program: Command, bind: Bind): void {
  const deploy = program
    .command('deploy')
    .description('Register deployments, and show what changed')
    .argument('[file...]', 'files that export deployments, or a signalbox.config.ts; default: the nearest configuration')
    .option('--dry-run', 'show what would change and write nothing')
    .action(bind(async () => (await import('./deploy-files.ts')).deployFiles));
  examples(
    deploy,
    'signalbox deploy',
    'signalbox deploy flow.ts',
    'signalbox deploy flow.ts --dry-run',
    'signalbox deploy flows/*.ts --json',
  );
}
