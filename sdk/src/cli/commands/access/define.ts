import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

export function defineAccess(program: Command, bind: Bind): void {
  const access = program.command('access').description('What somebody may do here, and why');
  const explain = access
    .command('explain')
    .description('Tell what somebody may do in the workspace, and each way it comes')
    .argument('[scope]', 'this alone, or those whose name or text contains it')
    .option('--person <email>', 'about this person (default: you)')
    .option('--service-account <slug>', 'about this service account')
    .option('--key <key>', 'about this API key: id, name or first characters')
    .option('--deployment <flow/name>', 'on this deployment')
    .option('--pool <name>', 'on this work pool')
    .option('--block <type/name>', 'on this block')
    .option('--denied', 'only what they may not')
    .action(bind(async () => (await import('./explain-access.ts')).explainAccess));
  examples(
    explain,
    'signalbox access explain runs:cancel --person ada@example.com',
    'signalbox access explain --service-account ci --deployment weather/daily --denied',
  );
}
