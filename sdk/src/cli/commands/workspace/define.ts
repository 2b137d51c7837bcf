import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

export function defineWorkspace(program: Command, bind: Bind): void {
  const workspace = program
    .command('workspace')
    .alias('workspaces')
    .description('List, choose, create, rename, export, delete and restore workspaces');
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
  const rename = workspace
    .command('rename')
    .description('Rename the workspace')
    .argument('<name>', 'name for people')
    .option('--slug <slug>', 'new slug too; scripts and profiles that name it must follow')
    .action(bind(async () => (await import('./change-workspace.ts')).renameWorkspace));
  examples(rename, 'signalbox workspace rename "Staging (EU)"');
  const download = workspace
    .command('export')
    .description('Download all that the workspace has as JSON lines, without secrets; also in its grace period')
    .option('-o, --output <file>', 'write it there, whole or not at all (default: standard output)')
    .action(bind(async () => (await import('./export-workspace.ts')).exportWorkspace));
  examples(download, 'signalbox workspace export --output staging.jsonl', 'signalbox workspace export | gzip > staging.jsonl.gz');
  const del = workspace
    .command('delete')
    .description('Delete the workspace of the key, after a grace period')
    .argument('<slug>', 'its slug, so that no other is meant')
    .option('--grace-days <days>', 'days until it is gone for good, 1 to 30 (default: 7)', wholeNumber)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./change-workspace.ts')).deleteWorkspace));
  examples(del, 'signalbox workspace delete staging --grace-days 14 --yes');
  const restore = workspace
    .command('restore')
    .description('Take the deletion of the workspace back')
    .action(bind(async () => (await import('./change-workspace.ts')).restoreWorkspace));
  examples(restore, 'signalbox workspace restore');
}
