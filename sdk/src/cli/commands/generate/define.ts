import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

export function defineGenerate(program: Command, bind: Bind): void {
  const generate = program
    .command('generate')
    .description('Write typed handles to deployments of the control plane, from the schemas of their parameters')
    .argument('[deployment...]', 'flow/name (default: all)')
    .option('--output <file>', 'write it there (default: print it)')
    .action(bind(async () => (await import('./generate-module.ts')).generateModule));
  examples(generate, 'signalbox generate --output src/deployments.ts', 'signalbox generate etl/load etl/clean');
}
