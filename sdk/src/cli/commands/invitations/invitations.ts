import { type Invitation, ORGANIZATION_ROLES, WORKSPACE_ROLES } from '@signalbox/proto/api';
import { CliError } from '../../cli-error.ts';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { oneOf } from '../../option-values.ts';
import { relative } from '../../output/time.ts';

type CreateOptions = GlobalOptions & { role?: string; organizationOnly?: boolean; organizationRole?: string; expiresInDays?: number };

export async function listInvitations(context: Context, options: GlobalOptions & { open?: boolean }): Promise<void> {
  const all = await (await context.client()).invitations.list.query();
  const shown = options.open ? all.filter(({ status }) => status === 'open') : all;
  if (context.json) return context.printJson(shown);
  const now = context.host.now();
  context.printTable(
    shown,
    [
      { header: 'WHO', value: (each) => each.email ?? '(whoever has the link)', min: 12 },
      { header: 'ORGANIZATION', value: (each) => each.organizationRole },
      { header: 'WORKSPACE', value: (each) => (each.workspace ? `${each.workspace.role} of ${each.workspace.slug}` : ''), drop: 1 },
      { header: 'STATUS', value: (each) => (each.status === 'open' ? `good until ${relative(each.expiresAt, now)}` : each.status) },
      { header: 'BY', value: (each) => each.createdBy, drop: 2 },
      { header: 'ID', value: (each) => each.id, drop: 3 },
    ],
    'No invitations.',
  );
}

/** The link alone goes to standard output. */
export async function createInvitation(context: Context, options: CreateOptions, email?: string): Promise<void> {
  const client = await context.client();
  const me = await client.me.get.query();
  const made = await client.invitations.create.mutate({
    email,
    workspace: options.organizationOnly ? undefined : me.workspace?.id,
    workspaceRole: options.role === undefined ? undefined : oneOf('role', options.role, WORKSPACE_ROLES),
    organizationRole:
      options.organizationRole === undefined ? undefined : oneOf('organization-role', options.organizationRole, ORGANIZATION_ROLES),
    expiresInDays: options.expiresInDays,
  });
  printLink(context, made);
}

export async function resendInvitation(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const { id } = await find(context, ref);
  printLink(context, await (await context.client()).invitations.resend.mutate({ invitation: id }));
}

export async function revokeInvitation(context: Context, options: GlobalOptions & { yes?: boolean }, ref: string): Promise<void> {
  const { id, email } = await find(context, ref);
  await confirm(context, `Withdraw the invitation of ${email ?? 'whoever has the link'}?`, options);
  const revoked = await (await context.client()).invitations.revoke.mutate({ invitation: id });
  if (context.json) return context.printJson(revoked);
  context.print(`Withdrew the invitation of ${email ?? 'whoever has the link'}.`);
}

function printLink(context: Context, made: { invitation: Invitation; link: string }): void {
  if (context.json) {
    context.printJson(made);
    return;
  }
  const who = made.invitation.email ?? 'whoever has the link';
  context.note(`Invited ${who} as ${made.invitation.organizationRole}; the link works once:`);
  context.print(made.link);
}

/** The newest that fits: by id, or by email among those that can still be followed or sent again. */
async function find(context: Context, ref: string): Promise<Invitation> {
  const all = await (await context.client()).invitations.list.query();
  const found =
    all.find(({ id }) => id === ref) ??
    all.find(({ email, status }) => email === ref.toLowerCase() && (status === 'open' || status === 'expired'));
  if (found) return found;
  throw new CliError(`there is no open invitation "${ref}"`, {
    exitCode: EXIT.notFound,
    hint: 'list them with `signalbox invitations ls`',
  });
}
