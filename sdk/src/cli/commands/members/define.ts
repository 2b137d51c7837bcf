import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

const WHO = 'email or id of the person';

export function defineMembers(program: Command, bind: Bind): void {
  const members = program.command('members').description('List, add, change and remove people of the workspace or the organization');
  const ls = members
    .command('ls')
    .description('List people')
    .option('--organization', 'of the organization, with their role there')
    .action(bind(async () => (await import('./show-members.ts')).listMembers));
  examples(ls, 'signalbox members ls', 'signalbox members ls --organization');
  const add = members
    .command('add')
    .description('Add somebody of the organization to the workspace')
    .argument('<person>', WHO)
    .option('--role <role>', 'viewer, runner, developer, operator or owner (default: viewer)')
    .action(bind(async () => (await import('./edit-members.ts')).addMember));
  examples(add, 'signalbox members add ada@example.com --role developer');
  const setRole = members
    .command('set-role')
    .description('Change the role of somebody')
    .argument('<person>', WHO)
    .argument('<role>', 'viewer, runner, developer, operator or owner; with --organization: member, admin or owner')
    .option('--organization', 'their role in the organization')
    .action(bind(async () => (await import('./edit-members.ts')).setRole));
  examples(
    setRole,
    'signalbox members set-role ada@example.com operator',
    'signalbox members set-role ada@example.com admin --organization',
  );
  const remove = members
    .command('remove')
    .description('Remove somebody from the workspace, or from all of the organization')
    .argument('<person>', WHO)
    .option('--organization', 'from the organization, with its workspaces, teams and grants')
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./edit-members.ts')).removeMember));
  examples(remove, 'signalbox members remove ada@example.com --yes');
}
