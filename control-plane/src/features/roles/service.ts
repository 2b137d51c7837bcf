/** Roles of an organization: the built-in ones, and those it makes of scopes. */
import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import {
  BUILT_IN_ROLES,
  type BuiltInRole,
  type createRoleInput,
  type Role,
  type ScopeInfo,
  type updateRoleInput,
} from '@signalbox/proto/api';
import type { z } from 'zod';
import { beyond } from '../../domain/access.ts';
import {
  ALL_SCOPES,
  type AnyScope,
  isOrganizationScope,
  isScope,
  ORGANIZATION_PERMISSIONS,
  ORGANIZATION_SCOPES,
  ruleOf,
  SCOPES,
  scopesOf,
} from '../../domain/permissions.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, forbidden, invalidInput, limitExceeded, notFound } from '../../platform/errors.ts';
import type { OrganizationCommandCtx, OrganizationCtx } from '../../platform/services.ts';
import type { CustomRoleRow as CustomRole } from './store.ts';

const MAX_ROLES = 100;
const WHAT: Readonly<Record<BuiltInRole, string>> = {
  viewer: 'Sees everything in a workspace, changes nothing',
  runner: 'Starts, cancels, retries and steers runs',
  developer: 'Deploys code; makes pools, limits and schedules',
  operator: 'Runs the place: agents and the audit',
  owner: 'Everything, people and keys included',
  agent: 'What an agent needs and no more; apart from the others',
};

export async function listRoles(ctx: OrganizationCtx): Promise<Role[]> {
  const made = await ctx.tx.customRole.findMany({
    where: { organizationId: ctx.organization.id },
    orderBy: { slug: 'asc' },
    take: MAX_ROLES,
  });
  const builtIn = BUILT_IN_ROLES.map((slug) => ({
    id: null,
    slug,
    name: `${slug.charAt(0).toUpperCase()}${slug.slice(1)}`,
    description: WHAT[slug],
    baseRole: null,
    scopes: scopesOf(slug),
  }));
  return [...builtIn, ...made.map(showRole)];
}

/** The permission table: what roles are made of, in its order. */
export async function listScopes(): Promise<ScopeInfo[]> {
  return [
    ...SCOPES.map((scope) => ({
      scope,
      what: ruleOf(scope).what,
      on: ruleOf(scope).on ?? null,
      roles: [...ruleOf(scope).roles],
      least: null,
    })),
    ...ORGANIZATION_SCOPES.map((scope) => {
      const { what, least } = ORGANIZATION_PERMISSIONS[scope];
      return { scope, what, on: null, roles: [], least };
    }),
  ];
}

export async function createRole(ctx: OrganizationCommandCtx, input: z.output<typeof createRoleInput>): Promise<Audited<Role>> {
  const { id: organizationId } = ctx.organization;
  if ((BUILT_IN_ROLES as readonly string[]).includes(input.slug)) throw conflict(`"${input.slug}" is the name of a built-in role.`);
  requireScopes(ctx, [...(input.baseRole ? scopesOf(input.baseRole) : []), ...input.scopes]);
  if ((await ctx.tx.customRole.count({ where: { organizationId } })) >= MAX_ROLES)
    throw limitExceeded(`An organization has at most ${MAX_ROLES} roles of its own.`);
  const id = uuidv7(Date.now());
  const { slug, name, description, scopes, baseRole = null } = input;
  // The unique index decides between two that come at once.
  const { count } = await ctx.tx.customRole.createMany({
    data: { id, organizationId, slug, name, description, baseRole, scopes },
    skipDuplicates: true,
  });
  if (count === 0) throw conflict(`Role "${slug}" exists already.`, { slug });
  const role = showRole(await ctx.tx.customRole.findFirstOrThrow({ where: { id } }));
  return audited(role, { target: { kind: 'role', id }, before: null, after: role });
}

/** Whoever has the role has the new scopes from their next request on. */
export async function updateRole(ctx: OrganizationCommandCtx, input: z.output<typeof updateRoleInput>): Promise<Audited<Role>> {
  const before = await lockRole(ctx, input.role);
  if (input.scopes) requireScopes(ctx, input.scopes);
  const { name, description, scopes } = input;
  const after = await ctx.tx.customRole.update({
    where: { id: before.id },
    data: {
      updatedAt: new Date(),
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(scopes === undefined ? {} : { scopes }),
    },
  });
  return audited(showRole(after), { target: { kind: 'role', id: before.id }, before: showRole(before), after: showRole(after) });
}

/** With all grants of it. */
export async function deleteRole(ctx: OrganizationCommandCtx, input: { role: string }): Promise<Audited<{ deleted: true }>> {
  const before = await lockRole(ctx, input.role);
  await ctx.tx.customRole.delete({ where: { id: before.id } });
  return audited({ deleted: true as const }, { target: { kind: 'role', id: before.id }, before: showRole(before), after: null });
}

async function lockRole(ctx: OrganizationCommandCtx, role: string): Promise<CustomRole> {
  const id = toUuid('role', role);
  await ctx.tx.$executeRaw`SELECT 1 FROM custom_role WHERE id = ${id}::uuid AND organization_id = ${ctx.organization.id}::uuid FOR UPDATE`;
  const row = await ctx.tx.customRole.findFirst({ where: { id, organizationId: ctx.organization.id } });
  if (!row) throw notFound('role', role);
  return row;
}

/** @throws INVALID_INPUT for a scope there is not, FORBIDDEN for one that the maker has not in the organization or all its workspaces. */
function requireScopes({ organization }: OrganizationCommandCtx, scopes: readonly string[]): void {
  const strange = scopes.find((scope) => !isScope(scope) && !isOrganizationScope(scope));
  if (strange !== undefined) {
    throw invalidInput([{ field: 'scopes', expected: `of ${ALL_SCOPES.join(', ')}`, received: strange }]);
  }
  const missing = beyond(new Set<AnyScope>([...organization.everywhere, ...organization.scopes]), scopes as AnyScope[]);
  if (missing.length > 0)
    throw forbidden(`Nobody makes a role that may more than they may: you lack ${missing.slice(0, 5).join(', ')}.`, { missing });
}

export function showRole(row: CustomRole): Role {
  const base = row.baseRole ? scopesOf(row.baseRole as BuiltInRole) : [];
  const { slug, name, description } = row;
  return {
    id: toId('role', row.id),
    slug,
    name,
    description,
    baseRole: row.baseRole as BuiltInRole | null,
    scopes: [...new Set([...base, ...row.scopes])],
  };
}
