import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

const ROLE = 'slug or id of the role';

export function defineRoles(program: Command, bind: Bind): void {
  const roles = program.command('roles').description('List roles, and make ones of scopes');
  const ls = roles
    .command('ls')
    .description('List the built-in roles and those made here')
    .action(bind(async () => (await import('./roles.ts')).listRoles));
  examples(ls, 'signalbox roles ls');
  const show = roles
    .command('show')
    .description('Show the scopes of one role')
    .argument('<role>', ROLE)
    .action(bind(async () => (await import('./roles.ts')).showRole));
  examples(show, 'signalbox roles show developer');
  const scopes = roles
    .command('scopes')
    .description('List every scope and what it lets one do')
    .action(bind(async () => (await import('./roles.ts')).listScopes));
  examples(scopes, 'signalbox roles scopes');
  const create = roles
    .command('create')
    .description('Make a role of scopes, on top of a built-in one or from nothing')
    .argument('<slug>', 'lower-case letters, digits and hyphens')
    .option('--name <name>', 'name for people (default: the slug)')
    .option('--description <text>', 'what it is for')
    .option('--base <role>', 'a built-in role that it has whole')
    .option('--scopes <scope...>', 'what it may besides')
    .action(bind(async () => (await import('./roles.ts')).createRole));
  examples(create, 'signalbox roles create release-manager --base runner --scopes deployments:write');
  const update = roles
    .command('update')
    .description('Change a role for all who have it')
    .argument('<role>', ROLE)
    .option('--name <name>', 'name for people')
    .option('--description <text>', 'what it is for')
    .option('--scopes <scope...>', 'what it may besides its base, in place of what it was')
    .action(bind(async () => (await import('./roles.ts')).updateRole));
  examples(update, 'signalbox roles update release-manager --scopes deployments:write runs:delete');
  const del = roles
    .command('delete')
    .description('Delete a role with every grant of it')
    .argument('<role>', ROLE)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./roles.ts')).deleteRole));
  examples(del, 'signalbox roles delete release-manager --yes');
}
