import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { collect } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

export function defineBlocks(program: Command, bind: Bind): void {
  const blocks = program.command('blocks').description('List, show, set and delete settings that flows load by type and name');
  const types = blocks
    .command('types')
    .description('List types of blocks: code declares them, and signalbox deploy makes them')
    .action(bind(async () => (await import('./show-blocks.ts')).listBlockTypes));
  examples(types, 'signalbox blocks types');
  const ls = blocks
    .command('ls')
    .description('List blocks')
    .option('--type <type>', 'those of one type')
    .action(bind(async () => (await import('./show-blocks.ts')).listBlocks));
  examples(ls, 'signalbox blocks ls', 'signalbox blocks ls --type postgres');
  const get = blocks
    .command('get')
    .description('Print one block; where it has secrets, their references')
    .argument('<type>', 'type of the block')
    .argument('<name>', 'name of the block')
    .action(bind(async () => (await import('./show-blocks.ts')).getBlock));
  examples(get, 'signalbox blocks get postgres orders');
  const set = blocks
    .command('set')
    .description('Make a block, or change it')
    .argument('<type>', 'type of the block')
    .argument('<name>', 'lower-case letters and digits, with single _ or - between them')
    .option('-f, --field <name=value>', 'one field: JSON, else text (repeatable)', collect, [])
    .option('-s, --secret <name=reference>', 'one secret field: env:NAME, file:/path (repeatable)', collect, [])
    .option('--description <text>', 'what it is for')
    .option('--new', 'refuse to change one that is there')
    .action(bind(async () => (await import('./edit-blocks.ts')).setBlock));
  examples(set, 'signalbox blocks set postgres orders --field host=db.internal --secret password=env:DB_PASSWORD');
  const remove = blocks
    .command('delete')
    .description('Delete a block')
    .argument('<type>', 'type of the block')
    .argument('<name>', 'name of the block')
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./edit-blocks.ts')).deleteBlock));
  examples(remove, 'signalbox blocks delete postgres orders --yes');
  const removeType = blocks
    .command('delete-type')
    .description('Delete a type that has no blocks')
    .argument('<type>', 'type of blocks')
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./edit-blocks.ts')).deleteBlockType));
  examples(removeType, 'signalbox blocks delete-type postgres --yes');
}
