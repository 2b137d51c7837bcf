import { type Command, Option } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

export function defineInit(program: Command, bind: Bind): void {
  const init = program
    .command('init')
    .description('Make a project: a flow, its test, a configuration. Nothing that exists is overwritten')
    .argument('[folder]', 'where (default: asked for on a terminal, else the current folder)')
    .option('--name <name>', 'name of the package (default: of the folder)')
    .option('--pool <pool>', 'work pool that its deployment names', 'local')
    .addOption(new Option('--loader <module>', 'module that reads the flow files: tsx, @swc-node/register/esm-register'))
    .option('-y, --yes', 'ask nothing')
    .action(bind(async () => (await import('./init-project.ts')).initProject));
  examples(init, 'signalbox init my-flows', 'npx @signalbox/sdk init my-flows --pool gpu --yes');
}
