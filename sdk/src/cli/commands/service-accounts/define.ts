import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

const ACCOUNT = 'slug or id of the service account';

export function defineServiceAccounts(program: Command, bind: Bind): void {
  const accounts = program.command('service-accounts').description('List, make, switch off and delete accounts of programs');
  const ls = accounts
    .command('ls')
    .description('List service accounts of the organization')
    .action(bind(async () => (await import('./service-accounts.ts')).listServiceAccounts));
  examples(ls, 'signalbox service-accounts ls');
  const create = accounts
    .command('create')
    .description('Make a service account; grant it a role, then give it a key')
    .argument('<slug>', 'lower-case letters, digits and hyphens')
    .option('--name <name>', 'name for people (default: the slug)')
    .option('--description <text>', 'what it does, and whom to ask about it')
    .action(bind(async () => (await import('./service-accounts.ts')).createServiceAccount));
  examples(create, 'signalbox service-accounts create ci --description "Deploys from the main branch"');
  const disable = accounts
    .command('disable')
    .description('Refuse its keys from the next request on, in every workspace')
    .argument('<account>', ACCOUNT)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./service-accounts.ts')).disableServiceAccount));
  examples(disable, 'signalbox service-accounts disable ci --yes');
  const enable = accounts
    .command('enable')
    .description('Let its keys work again')
    .argument('<account>', ACCOUNT)
    .action(bind(async () => (await import('./service-accounts.ts')).enableServiceAccount));
  examples(enable, 'signalbox service-accounts enable ci');
  const del = accounts
    .command('delete')
    .description('Delete it with its keys, grants and places in teams')
    .argument('<account>', ACCOUNT)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./service-accounts.ts')).deleteServiceAccount));
  examples(del, 'signalbox service-accounts delete ci --yes');
}
