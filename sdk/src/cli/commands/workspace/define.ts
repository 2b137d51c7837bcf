import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

export function defineWorkspace(program: Command, bind: Bind): void {
  const workspace = program.command('workspace').description('List, choose and create workspaces');
  const ls = workspace
    .command('ls')
    .description('List the workspaces you belong to')
    .action(bind(async () => (await import('./list-workspaces.ts')).listWorkspaces));
  examples(ls, 'signalbox workspace ls');
  const use = workspace
    .command('use')
    .description('Choose the workspace that later commands mean')
    .argument('<slug>', 'slug of the workspace')
    .action(bind(async () => (await import('./use-workspace.ts')).useWorkspace));
  examples(use, 'signalbox workspace use staging');
  const create = workspace
    .command('create')
    .description('Create a workspace')
    .argument('<slug>', 'lower-case letters, digits and hyphens')
    .option('--name <name>', 'name for people (default: the slug)')
    .action(bind(async () => (await import('./create-workspace.ts')).createWorkspace));
  examples(create, 'signalbox workspace create staging --name Staging');
}
