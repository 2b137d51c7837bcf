/** Organizations: they own workspaces, people, teams, roles and service accounts, and share nothing with each other. */
import { toId, uuidv7 } from '@signalbox/proto';
import type { createOrganizationInput, Organization, OrganizationDetail, updateOrganizationInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { organizationScopesOf } from '../../domain/permissions.ts';
import { showOrganization } from '../../platform/actor.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import type { PersonalCtx } from '../../platform/command.ts';
import type { Tx } from '../../platform/db.ts';
import { conflict, forbidden, limitExceeded } from '../../platform/errors.ts';
import type { OrganizationCommandCtx, OrganizationCtx } from '../../platform/services.ts';

/** What each workspace may use is bounded; so is what one makes of them. */
const MAX_OWNED = 20;

export async function listOrganizations(ctx: PersonalCtx): Promise<Organization[]> {
  return ctx.identity.organizations.map(showOrganization);
}

/** The one that the request means. */
export async function getOrganization(ctx: OrganizationCtx): Promise<OrganizationDetail> {
  const select = { auditDays: true };
  const { auditDays } = await ctx.tx.organization.findUniqueOrThrow({ where: { id: ctx.organization.id }, select });
  return { ...showOrganization(ctx.organization), auditDays };
}

/** For owners of an organization of this installation; whoever makes one owns it. */
export async function createOrganization(
  ctx: PersonalCtx & { readonly tx: Tx },
  input: z.output<typeof createOrganizationInput>,
): Promise<{ organizationId: string; done: Audited<Organization> }> {
  const { actor, organizations } = ctx.identity;
  if (actor.kind !== 'user')
    throw forbidden('A key reaches no further than the organization it was made in: organizations are made by people, in the console.');
  if (!organizations.some(({ role }) => role === 'owner')) throw forbidden('Only an owner of an organization here may make another.');
  const owned = await ctx.tx.organizationMember.count({ where: { userId: actor.id, role: 'owner' } });
  if (owned >= MAX_OWNED) throw limitExceeded(`One person owns at most ${MAX_OWNED} organizations.`);
  const id = uuidv7(Date.now());
  const { count } = await ctx.tx.organization.createMany({ data: { id, ...input }, skipDuplicates: true });
  if (count === 0) throw conflict(`Organization "${input.slug}" exists already.`, { slug: input.slug });
  await ctx.tx.organizationMember.create({ data: { organizationId: id, userId: actor.id, role: 'owner' } });
  const output: Organization = {
    id: toId('organization', id),
    ...input,
    role: 'owner',
    scopes: organizationScopesOf('owner'),
    purgeAt: null,
  };
  return { organizationId: id, done: audited(output, { target: { kind: 'organization', id }, before: null, after: input }) };
}

export async function updateOrganization(
  ctx: OrganizationCommandCtx,
  input: z.output<typeof updateOrganizationInput>,
): Promise<Audited<Organization>> {
  const { id } = ctx.organization;
  if (input.auditDays !== undefined && !ctx.organization.scopes.has('organization:security'))
    throw forbidden('How long the audit is kept is for owners of the organization.', { scope: 'organization:security' });
  const { slug, name, auditDays } = input;
  const select = { slug: true, name: true, auditDays: true };
  const before = await ctx.tx.organization.findUniqueOrThrow({ where: { id }, select });
  if (slug !== undefined && slug !== before.slug) await requireFreeSlug(ctx, slug);
  const after = await ctx.tx.organization.update({
    where: { id },
    data: {
      ...(slug === undefined ? {} : { slug }),
      ...(name === undefined ? {} : { name }),
      ...(auditDays === undefined ? {} : { auditDays }),
    },
    select,
  });
  const shown = showOrganization({ ...ctx.organization, slug: after.slug, name: after.name });
  return audited(shown, { target: { kind: 'organization', id }, before, after });
}

/** Slugs are unique among all organizations, of which a request sees its own alone. */
async function requireFreeSlug(ctx: OrganizationCommandCtx, slug: string): Promise<void> {
  if (await ctx.db.system.organization.findUnique({ where: { slug }, select: { id: true } }))
    throw conflict(`The slug "${slug}" is taken.`, { slug });
}
