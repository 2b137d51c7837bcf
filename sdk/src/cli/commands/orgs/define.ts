import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

export function defineOrgs(program: Command, bind: Bind): void {
  const orgs = program.command('orgs').description('Show, change, export, delete and restore the organization');
  orgs.addHelpText(
    'after',
    '\nOrganizations and workspaces are made, and workspaces transferred, in the console: a key reaches no further than its organization.',
  );
  const ls = orgs
    .command('ls')
    .description('List the organizations that the key may act for')
    .action(bind(async () => (await import('./orgs.ts')).listOrganizations));
  examples(ls, 'signalbox orgs ls');
  const show = orgs
    .command('show')
    .description('Show the organization, your role in it and how long its audit is kept')
    .action(bind(async () => (await import('./orgs.ts')).showOrganization));
  examples(show, 'signalbox orgs show');
  const update = orgs
    .command('update')
    .description('Rename the organization, or change how long its audit is kept')
    .option('--name <name>', 'name for people')
    .option('--slug <slug>', 'lower-case letters, digits and hyphens; scripts that name it must follow')
    .option('--audit-days <days>', 'days that the audit is kept, 30 to 3650', wholeNumber)
    .action(bind(async () => (await import('./orgs.ts')).updateOrganization));
  examples(update, 'signalbox orgs update --name "Acme Data"', 'signalbox orgs update --audit-days 730');
  const download = orgs
    .command('export')
    .description('Download what the organization has set up as JSON lines, without secrets; also in its grace period')
    .option('-o, --output <file>', 'write it there, whole or not at all (default: standard output)')
    .action(bind(async () => (await import('./end-organization.ts')).exportOrganization));
  examples(download, 'signalbox orgs export --output acme.jsonl');
  const del = orgs
    .command('delete')
    .description('Delete the organization with its workspaces, after a grace period')
    .argument('<slug>', 'its slug, so that no other is meant')
    .option('--grace-days <days>', 'days until it is gone for good, 1 to 30 (default: 7)', wholeNumber)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./end-organization.ts')).deleteOrganization));
  examples(del, 'signalbox orgs delete acme --grace-days 14 --yes');
  const restore = orgs
    .command('restore')
    .description('Take the deletion of the organization back')
    .argument('<slug>', 'its slug')
    .action(bind(async () => (await import('./end-organization.ts')).restoreOrganization));
  examples(restore, 'signalbox orgs restore acme');
}
