import { type Command, Option } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

export function defineVisualize(program: Command, bind: Bind): void {
  const visualize = program
    .command('visualize')
    .description('Draw a flow from its source; nothing of it is run')
    .argument('<file>', 'the file that declares the flow')
    .option('--flow <name>', 'which one, where the file declares several')
    .addOption(new Option('--format <format>', 'what to print').choices(['mermaid', 'svg']).default('mermaid'))
    .option('--output <file>', 'write it there')
    .action(bind(async () => (await import('./visualize-flow.ts')).visualizeFlow));
  examples(visualize, 'signalbox visualize flow.ts', 'signalbox visualize flow.ts --format svg --output flow.svg');
}
