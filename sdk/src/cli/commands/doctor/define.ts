import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

export function defineDoctor(program: Command, bind: Bind): void {
  const doctor = program
    .command('doctor')
    .description('Say which flows were found, why others were not, and whether they could run')
    .argument('[folder]', 'the project', '.')
    .option('--offline', 'ask no control plane')
    .action(bind(async () => (await import('./run-doctor.ts')).runDoctor));
  examples(doctor, 'signalbox doctor', 'signalbox doctor packages/etl --offline --json');
}
