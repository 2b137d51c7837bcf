import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { collect } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

export function defineVariables(program: Command, bind: Bind): void {
  const variables = program.command('variables').description('List, show, set and delete values that flows read by name');
  const ls = variables
    .command('ls')
    .description('List variables')
    .option('--prefix <text>', 'those whose name begins so')
    .action(bind(async () => (await import('./show-variables.ts')).listVariables));
  examples(ls, 'signalbox variables ls', 'signalbox variables ls --prefix etl-');
  const get = variables
    .command('get')
    .description('Print the value of one variable')
    .argument('<name>', 'name of the variable')
    .action(bind(async () => (await import('./show-variables.ts')).getVariable));
  examples(get, 'signalbox variables get regions');
  const set = variables
    .command('set')
    .description('Make a variable, or change it')
    .argument('<name>', 'lower-case letters and digits, with single _ or - between them')
    .argument('<value>', 'JSON; what is none is taken as text')
    .option('--description <text>', 'what it is for')
    .option('--tag <tag>', 'label (repeatable)', collect, [])
    .option('--new', 'refuse to change one that is there')
    .action(bind(async () => (await import('./edit-variables.ts')).setVariable));
  examples(
    set,
    `signalbox variables set regions '["eu", "us"]'`,
    'signalbox variables set threshold 5 --description "of the nightly check"',
  );
  const remove = variables
    .command('delete')
    .description('Delete a variable')
    .argument('<name>', 'name of the variable')
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./edit-variables.ts')).deleteVariable));
  examples(remove, 'signalbox variables delete regions --yes');
}
