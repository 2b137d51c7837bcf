/** Teams of an organization: what one is granted, everybody in it has. Those of a directory are filled by it alone. */
import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import type { createTeamInput, renameTeamInput, Team, teamMemberInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { beyondRows } from '../../domain/access.ts';
import { type StoredAccess, toAccessRow } from '../../platform/access-rows.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, forbidden, limitExceeded, notFound, preconditionFailed } from '../../platform/errors.ts';
import type { OrganizationCommandCtx, OrganizationCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import type { TeamRow as Row } from './store.ts';

const MAX_TEAMS = 500;
const MAX_MEMBERS = 2_000;

export async function listTeams(ctx: OrganizationCtx): Promise<Team[]> {
  return showTeams(
    ctx,
    await ctx.tx.team.findMany({ where: { organizationId: ctx.organization.id }, orderBy: { slug: 'asc' }, take: MAX_TEAMS }),
  );
}

export async function createTeam(ctx: OrganizationCommandCtx, input: z.output<typeof createTeamInput>): Promise<Audited<Team>> {
  const { id: organizationId } = ctx.organization;
  if ((await ctx.tx.team.count({ where: { organizationId } })) >= MAX_TEAMS)
    throw limitExceeded(`An organization has at most ${MAX_TEAMS} teams.`);
  const id = uuidv7(Date.now());
  const { count } = await ctx.tx.team.createMany({ data: { id, organizationId, ...input }, skipDuplicates: true });
  if (count === 0) throw conflict(`Team "${input.slug}" exists already.`, { slug: input.slug });
  const team = await showTeam(ctx, id);
  return audited(team, { target: { kind: 'team', id }, before: null, after: team });
}

export async function renameTeam(ctx: OrganizationCommandCtx, input: z.output<typeof renameTeamInput>): Promise<Audited<Team>> {
  const { id, name } = await lockTeam(ctx, input.team);
  await ctx.tx.team.update({ where: { id }, data: { name: input.name } });
  return audited(await showTeam(ctx, id), { target: { kind: 'team', id }, before: { name }, after: { name: input.name } });
}

/** With its grants. */
export async function deleteTeam(ctx: OrganizationCommandCtx, input: { team: string }): Promise<Audited<{ deleted: true }>> {
  const { id } = await lockTeam(ctx, input.team);
  const before = await showTeam(ctx, id);
  await ctx.tx.roleGrant.deleteMany({ where: { subjectKind: 'team', subjectId: id } });
  await ctx.tx.team.delete({ where: { id } });
  return audited({ deleted: true as const }, { target: { kind: 'team', id }, before, after: null });
}

/**
 * Whoever comes into a team has what that was granted.
 * @throws NOT_FOUND for who is not of the organization, PRECONDITION_FAILED for a team of a directory, FORBIDDEN for one that may
 * more than oneself.
 */
export async function addTeamMember(ctx: OrganizationCommandCtx, input: z.output<typeof teamMemberInput>): Promise<Audited<Team>> {
  const { id } = await lockTeam(ctx, input.team, 'by hand');
  const memberId = await requireMember(ctx, input.member);
  await requireWithin(ctx, id);
  if ((await ctx.tx.teamMember.count({ where: { teamId: id } })) >= MAX_MEMBERS)
    throw limitExceeded(`A team has at most ${MAX_MEMBERS} members.`);
  const { kind } = input.member;
  await ctx.tx.teamMember.createMany({
    data: { teamId: id, organizationId: ctx.organization.id, memberKind: kind, memberId },
    skipDuplicates: true,
  });
  return audited(await showTeam(ctx, id), { target: { kind: 'team', id }, before: null, after: { added: input.member } });
}

export async function removeTeamMember(ctx: OrganizationCommandCtx, input: z.output<typeof teamMemberInput>): Promise<Audited<Team>> {
  const { id } = await lockTeam(ctx, input.team, 'by hand');
  const { kind, id: ref } = input.member;
  const memberId = toUuid(kind === 'person' ? 'user' : 'serviceAccount', ref);
  const { count } = await ctx.tx.teamMember.deleteMany({ where: { teamId: id, memberKind: kind, memberId } });
  if (count === 0) throw notFound('member of the team', ref);
  return audited(await showTeam(ctx, id), { target: { kind: 'team', id }, before: { removed: input.member }, after: null });
}

async function lockTeam(ctx: OrganizationCommandCtx, ref: string, change?: 'by hand'): Promise<Row> {
  const id = toUuid('team', ref);
  // Two that change one team queue here.
  await ctx.tx.$executeRaw`SELECT 1 FROM team WHERE id = ${id}::uuid AND organization_id = ${ctx.organization.id}::uuid FOR UPDATE`;
  const row = await ctx.tx.team.findFirst({ where: { id, organizationId: ctx.organization.id } });
  if (!row) throw notFound('team', ref);
  if (change && row.externalId !== null) throw preconditionFailed(`Who is in "${row.name}" is said by your directory: change it there.`);
  return row;
}

async function requireWithin({ tx, organization, identity }: OrganizationCommandCtx, teamId: string): Promise<void> {
  const granted = await sqlOfTx(tx).query<StoredAccess>("SELECT * FROM access_of('team', $1::uuid)", [teamId]);
  const missing = beyondRows({ ...organization, workspaces: identity.workspaces }, granted.map(toAccessRow));
  if (missing.length > 0)
    throw forbidden(`Nobody hands out more than they have: of what this team may you lack ${missing.slice(0, 5).join(', ')}.`, { missing });
}

async function requireMember(ctx: OrganizationCommandCtx, member: z.output<typeof teamMemberInput>['member']): Promise<string> {
  if (member.kind === 'service-account') {
    const id = toUuid('serviceAccount', member.id);
    if (!(await ctx.tx.serviceAccount.findFirst({ where: { id, organizationId: ctx.organization.id } })))
      throw notFound('service account', member.id);
    return id;
  }
  const userId = toUuid('user', member.id);
  const where = { organizationId_userId: { organizationId: ctx.organization.id, userId } };
  if (!(await ctx.tx.organizationMember.findUnique({ where }))) throw notFound('person', member.id);
  return userId;
}

async function showTeam(ctx: OrganizationCtx, id: string): Promise<Team> {
  const [team] = await showTeams(ctx, [await ctx.tx.team.findFirstOrThrow({ where: { id } })]);
  return team as Team;
}

/** Members' names by one query for all teams. */
async function showTeams(ctx: OrganizationCtx, rows: readonly Row[]): Promise<Team[]> {
  const members = await ctx.tx.$queryRaw<{ team_id: string; kind: 'person' | 'service-account'; id: string; name: string }[]>`
    SELECT m.team_id, m.member_kind AS kind, m.member_id AS id, coalesce(p.email, s.name) AS name FROM team_member m
    LEFT JOIN people_here() p ON m.member_kind = 'person' AND p.id = m.member_id
    LEFT JOIN service_account s ON m.member_kind = 'service-account' AND s.id = m.member_id
    WHERE m.team_id = ANY (${rows.map((row) => row.id)}::uuid[]) AND coalesce(p.email, s.name) IS NOT NULL ORDER BY 4`;
  return rows.map((row) => ({
    id: toId('team', row.id),
    slug: row.slug,
    name: row.name,
    fromDirectory: row.externalId !== null,
    createdAt: row.createdAt.toISOString(),
    members: members
      .filter((member) => member.team_id === row.id)
      .map(({ kind, id, name }) => ({ kind, id: toId(kind === 'person' ? 'user' : 'serviceAccount', id), name })),
  }));
}
