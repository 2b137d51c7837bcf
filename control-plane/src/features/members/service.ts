/** People of a workspace and of an organization, with their roles. A workspace and an organization always have an owner left. */
import { toId, toUuid } from '@signalbox/proto';
import type {
  addMemberInput,
  Member,
  OrganizationMember,
  OrganizationRole,
  setOrganizationRoleInput,
  WorkspaceRole,
} from '@signalbox/proto/api';
import type { z } from 'zod';
import { beyond, beyondOrganizationRole } from '../../domain/access.ts';
import { scopesOf } from '../../domain/permissions.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import type { Tx } from '../../platform/db.ts';
import { conflict, forbidden, notFound, preconditionFailed } from '../../platform/errors.ts';
import type { CommandCtx, Ctx, OrganizationCommandCtx, OrganizationCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';

const MAX_SHOWN = 1_000;

type Owner = { user_id: string };
type Row<Role> = { id: string; name: string; email: string; role: Role; since: Date };

function show<Role>(row: Row<Role>) {
  return { id: toId('user', row.id), name: row.name, email: row.email, role: row.role, since: row.since.toISOString() };
}

// -------------------------------------------------------------------------------- of a workspace

export async function listMembers(ctx: Ctx): Promise<Member[]> {
  return (await readMembers(ctx, null)).map(show);
}

async function readMembers(ctx: Ctx, userId: string | null): Promise<Row<WorkspaceRole>[]> {
  return sqlOfTx(ctx.tx).query<Row<WorkspaceRole>>(
    `SELECT m.user_id AS id, p.name, p.email, m.role, m.created_at AS since FROM workspace_member m JOIN people_here() p ON p.id = m.user_id
     WHERE m.workspace_id = $1::uuid AND ($2::uuid IS NULL OR m.user_id = $2::uuid) ORDER BY p.email LIMIT ${MAX_SHOWN}`,
    [ctx.workspace.id, userId],
  );
}

/** Somebody of the organization comes into the workspace. @throws CONFLICT for who is in it. */
export async function addMember(ctx: CommandCtx, input: z.output<typeof addMemberInput>): Promise<Audited<Member>> {
  const userId = toUuid('user', input.user);
  const [person] = await sqlOfTx(ctx.tx).query<{ id: string }>('SELECT id FROM people_here() WHERE id = $1::uuid', [userId]);
  if (!person) throw notFound('person', input.user);
  requireWithin(ctx, input.role);
  const data = { workspaceId: ctx.workspace.id, userId, role: input.role };
  const { count } = await ctx.tx.workspaceMember.createMany({ data, skipDuplicates: true });
  if (count === 0) throw conflict('They are in this workspace already; change their role instead.');
  const after = await getMember(ctx, input.user);
  return audited(after, { target: { kind: 'member', id: userId }, before: null, after });
}

export async function setMemberRole(ctx: CommandCtx, input: z.output<typeof addMemberInput>): Promise<Audited<Member>> {
  const before = await getMember(ctx, input.user);
  const userId = toUuid('user', input.user);
  requireWithin(ctx, before.role);
  requireWithin(ctx, input.role);
  if (before.role === 'owner' && input.role !== 'owner') await requireOtherOwner(ctx, userId);
  await ctx.tx.workspaceMember.updateMany({ where: { workspaceId: ctx.workspace.id, userId }, data: { role: input.role } });
  const after = await getMember(ctx, input.user);
  return audited(after, { target: { kind: 'member', id: userId }, before, after });
}

/** Also what they were granted here by themselves. What their teams have, they keep. */
export async function removeMember(ctx: CommandCtx, input: { user: string }): Promise<Audited<{ removed: true }>> {
  const before = await getMember(ctx, input.user);
  const userId = toUuid('user', input.user);
  requireWithin(ctx, before.role);
  if (before.role === 'owner') await requireOtherOwner(ctx, userId);
  await ctx.tx.workspaceMember.deleteMany({ where: { workspaceId: ctx.workspace.id, userId } });
  await ctx.tx.roleGrant.deleteMany({ where: { workspaceId: ctx.workspace.id, subjectKind: 'person', subjectId: userId } });
  return audited({ removed: true as const }, { target: { kind: 'member', id: userId }, before, after: null });
}

async function getMember(ctx: Ctx, ref: string): Promise<Member> {
  const [row] = await readMembers(ctx, toUuid('user', ref));
  if (!row) throw notFound('member', ref);
  return show(row);
}

/** @throws FORBIDDEN to touch who has a role that is above oneself, or to lift anybody there. */
function requireWithin({ workspace }: CommandCtx, role: WorkspaceRole): void {
  const missing = beyond(workspace.scopes, scopesOf(role));
  if (missing.length > 0)
    throw forbidden(`The role "${role}" may more than you in workspace "${workspace.slug}": you lack ${missing.slice(0, 5).join(', ')}.`, {
      missing,
    });
}

/** Owners of one workspace are locked, so that two who leave at once do not both count the other. */
async function requireOtherOwner({ tx, workspace }: CommandCtx, userId: string): Promise<void> {
  const owners = await tx.$queryRaw<Owner[]>`
    SELECT user_id FROM workspace_member WHERE workspace_id = ${workspace.id}::uuid AND role = 'owner' ORDER BY user_id FOR UPDATE`;
  await requireOneLeft(tx, owners, userId);
}

// -------------------------------------------------------------------------------- of an organization

export async function listOrganizationMembers(ctx: OrganizationCtx): Promise<OrganizationMember[]> {
  return (await readPeople(ctx, null)).map(show);
}

async function readPeople(ctx: OrganizationCtx, userId: string | null): Promise<Row<OrganizationRole>[]> {
  return sqlOfTx(ctx.tx).query<Row<OrganizationRole>>(
    `SELECT id, name, email, role, joined_at AS since FROM people_here() WHERE $1::uuid IS NULL OR id = $1::uuid ORDER BY email LIMIT ${MAX_SHOWN}`,
    [userId],
  );
}

export async function setOrganizationRole(
  ctx: OrganizationCommandCtx,
  input: z.output<typeof setOrganizationRoleInput>,
): Promise<Audited<OrganizationMember>> {
  const before = await getPerson(ctx, input.user);
  const userId = toUuid('user', input.user);
  requireRank(ctx, before.role);
  requireRank(ctx, input.role);
  if (before.role === 'owner' && input.role !== 'owner') await requireOtherOrganizationOwner(ctx, userId);
  await ctx.tx.organizationMember.updateMany({ where: { organizationId: ctx.organization.id, userId }, data: { role: input.role } });
  const after = await getPerson(ctx, input.user);
  return audited(after, { target: { kind: 'organization-member', id: userId }, before, after });
}

/** Out of the organization, its workspaces and teams, with every grant; their keys for it stop. */
export async function removeOrganizationMember(ctx: OrganizationCommandCtx, input: { user: string }): Promise<Audited<{ removed: true }>> {
  const before = await getPerson(ctx, input.user);
  const userId = toUuid('user', input.user);
  requireRank(ctx, before.role);
  if (before.role === 'owner') await requireOtherOrganizationOwner(ctx, userId);
  const { id: organizationId } = ctx.organization;
  await ctx.tx.roleGrant.deleteMany({ where: { organizationId, subjectKind: 'person', subjectId: userId } });
  await ctx.tx.teamMember.deleteMany({ where: { organizationId, memberKind: 'person', memberId: userId } });
  // By the policy, of this organization's workspaces alone.
  await ctx.tx.workspaceMember.deleteMany({ where: { userId } });
  await ctx.tx.organizationMember.deleteMany({ where: { organizationId, userId } });
  return audited({ removed: true as const }, { target: { kind: 'organization-member', id: userId }, before, after: null });
}

async function getPerson(ctx: OrganizationCtx, ref: string): Promise<OrganizationMember> {
  const [row] = await readPeople(ctx, toUuid('user', ref));
  if (!row) throw notFound('person', ref);
  return show(row);
}

/** @throws FORBIDDEN to touch who is above oneself, or to lift anybody there. */
export function requireRank({ organization }: Pick<OrganizationCtx, 'organization'>, role: OrganizationRole): void {
  const missing = beyondOrganizationRole(organization, role);
  if (missing.length > 0)
    throw forbidden(`What you may in the organization is below "${role}": you lack ${missing.slice(0, 5).join(', ')}.`, { missing });
}

async function requireOtherOrganizationOwner({ tx, organization }: OrganizationCommandCtx, userId: string): Promise<void> {
  const owners = await tx.$queryRaw<Owner[]>`
    SELECT user_id FROM organization_member WHERE organization_id = ${organization.id}::uuid AND role = 'owner' ORDER BY user_id FOR UPDATE`;
  await requireOneLeft(tx, owners, userId);
}

/** One whom a directory switched off cannot come in, and is no owner left. Asked once the owners are locked, as the directory locks them. */
async function requireOneLeft(tx: Tx, owners: readonly Owner[], userId: string): Promise<void> {
  const off = await tx.$queryRaw<{ id: string }[]>`SELECT id FROM switched_off_here()`;
  if (owners.some(({ user_id: id }) => id !== userId && !off.some((each) => each.id === id))) return;
  throw preconditionFailed('The last owner who can sign in stays: make somebody else owner first.');
}
