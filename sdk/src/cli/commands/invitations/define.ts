import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

const WHICH = 'id of the invitation, or the email that is invited';

export function defineInvitations(program: Command, bind: Bind): void {
  const invitations = program.command('invitations').description('Invite people, and list, send again and withdraw invitations');
  const ls = invitations
    .command('ls')
    .description('List invitations, open ones and what became of others')
    .option('--open', 'open ones alone')
    .action(bind(async () => (await import('./invitations.ts')).listInvitations));
  examples(ls, 'signalbox invitations ls --open');
  const create = invitations
    .command('create')
    .description('Invite somebody, and print the link, once')
    .argument('[email]', 'who; without one, whoever has the link and an account')
    .option('--role <role>', 'in this workspace: viewer, runner, developer, operator or owner (default: viewer)')
    .option('--organization-only', 'into no workspace')
    .option('--organization-role <role>', 'member, admin or owner (default: member)')
    .option('--expires-in-days <days>', 'how long the link is good, 1 to 30 (default: 7)', wholeNumber)
    .action(bind(async () => (await import('./invitations.ts')).createInvitation));
  examples(create, 'signalbox invitations create ada@example.com --role developer');
  const resend = invitations
    .command('resend')
    .description('Make a new link in the place of the old one')
    .argument('<invitation>', WHICH)
    .action(bind(async () => (await import('./invitations.ts')).resendInvitation));
  examples(resend, 'signalbox invitations resend ada@example.com');
  const revoke = invitations
    .command('revoke')
    .description('Withdraw an invitation')
    .argument('<invitation>', WHICH)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./invitations.ts')).revokeInvitation));
  examples(revoke, 'signalbox invitations revoke ada@example.com --yes');
}
