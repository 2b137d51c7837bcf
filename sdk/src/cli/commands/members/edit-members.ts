import { ORGANIZATION_ROLES, WORKSPACE_ROLES } from '@signalbox/proto/api';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { oneOf } from '../../option-values.ts';
import { findPerson } from '../access/find-subject.ts';

type OfOrganization = GlobalOptions & { organization?: boolean };

export async function addMember(context: Context, options: GlobalOptions & { role?: string }, who: string): Promise<void> {
  const role = oneOf('role', options.role ?? 'viewer', WORKSPACE_ROLES);
  const { id } = await findPerson(context, who);
  const member = await (await context.client()).members.add.mutate({ user: id, role });
  if (context.json) return context.printJson(member);
  context.print(`Added ${member.email} as ${member.role}.`);
}

export async function setRole(context: Context, options: OfOrganization, who: string, role: string): Promise<void> {
  const client = await context.client();
  const { id: user } = await findPerson(context, who);
  const changed = options.organization
    ? await client.organizations.setMemberRole.mutate({ user, role: oneOf('role', role, ORGANIZATION_ROLES) })
    : await client.members.setRole.mutate({ user, role: oneOf('role', role, WORKSPACE_ROLES) });
  if (context.json) return context.printJson(changed);
  context.print(`${changed.email} is ${changed.role}${options.organization ? ' of the organization' : ''} now.`);
}

export async function removeMember(context: Context, options: OfOrganization & { yes?: boolean }, who: string): Promise<void> {
  const client = await context.client();
  const { id: user, email } = await findPerson(context, who);
  const from = options.organization ? 'the organization, with its workspaces, teams and grants' : 'the workspace';
  await confirm(context, `Remove ${email} from ${from}?`, options);
  const reply = await (options.organization ? client.organizations.removeMember.mutate({ user }) : client.members.remove.mutate({ user }));
  if (context.json) return context.printJson(reply);
  context.print(`Removed ${email} from the ${options.organization ? 'organization' : 'workspace'}.`);
}
