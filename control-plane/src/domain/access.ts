/**
 * What somebody may do, and why: pure folds over the rows that give access. Access only adds up; nothing takes away.
 *
 * - A role on an organization is had in each of its workspaces; one on a workspace, for everything in it.
 * - A role on a deployment covers it with its schedules and runs; on a work pool, it with its queues and agents; on a
 *   block, that alone. Only the scopes that are about such a thing count there.
 * - What a team is granted, everybody in it has.
 */
import type { OrganizationRole } from '@signalbox/proto/api';
import { WORKSPACE_ROLES } from '@signalbox/proto/api';
import {
  type AnyScope,
  isBuiltInRole,
  isOrganizationScope,
  isScope,
  type ObjectKind,
  type OrganizationScope,
  organizationScopesOf,
  ruleOf,
  SCOPES,
  type Scope,
  scopesOf,
} from './permissions.ts';

/** One reason for access. */
export type AccessRow = {
  readonly source: 'workspace-member' | 'organization-member' | 'grant';
  /** Null for a membership. */
  readonly grantId: string | null;
  /** By whose team; null: directly. */
  readonly team: string | null;
  readonly organizationId: string;
  /** Null: in each workspace of the organization. */
  readonly workspaceId: string | null;
  /** Null: the workspace or the organization as a whole. */
  readonly object: { readonly kind: ObjectKind; readonly id: string } | null;
  /** Name of a built-in role, of a role in an organization, or of one made of scopes. */
  readonly role: string;
  /** Of a role that was made; null: the role is built in. */
  readonly scopes: readonly string[] | null;
};

/** Scopes on one thing. */
export type ObjectAccess = { readonly kind: ObjectKind; readonly id: string; readonly scopes: ReadonlySet<Scope> };

/** What is had in one workspace. */
export type Access = {
  readonly scopes: ReadonlySet<Scope>;
  readonly objects: readonly ObjectAccess[];
  /** The greatest built-in role that is had whole; else what was made of scopes, else that it is about single things. */
  readonly role: string;
};

/** Scopes that a row gives in workspaces. An organization's plain members have none by that. */
function scopesOfRow(row: AccessRow): readonly Scope[] {
  if (row.source === 'organization-member') return row.role === 'member' ? [] : scopesOf('owner');
  const own = row.scopes ? row.scopes.filter(isScope) : isBuiltInRole(row.role) ? scopesOf(row.role) : [];
  const { object } = row;
  return object ? own.filter((scope) => ruleOf(scope).on === object.kind) : own;
}

/** Scopes that a row gives in its organization. */
function organizationScopesOfRow(row: AccessRow): readonly OrganizationScope[] {
  if (row.source === 'organization-member') return organizationScopesOf(row.role as OrganizationRole);
  // A role that was made may name them; they count where it is granted on the organization.
  return row.source === 'grant' && row.workspaceId === null ? (row.scopes ?? []).filter(isOrganizationScope) : [];
}

/** Access in the workspace of these rows: all of one workspace, or of its organization. */
export function accessOf(rows: readonly AccessRow[]): Access {
  const scopes = new Set<Scope>();
  const objects = new Map<string, { kind: ObjectKind; id: string; scopes: Set<Scope> }>();
  for (const row of rows) {
    const { object } = row;
    let into = scopes;
    if (object) {
      const key = `${object.kind} ${object.id}`;
      const known = objects.get(key) ?? { ...object, scopes: new Set<Scope>() };
      objects.set(key, known);
      into = known.scopes;
    }
    for (const scope of scopesOfRow(row)) into.add(scope);
  }
  return { scopes, objects: [...objects.values()].filter((each) => each.scopes.size > 0), role: roleOf(rows, scopes) };
}

/** Scopes in one organization, of the rows about it. `everywhere`: those had in each of its workspaces. */
export function organizationAccessOf(rows: readonly AccessRow[]): {
  readonly scopes: ReadonlySet<OrganizationScope>;
  readonly everywhere: ReadonlySet<Scope>;
} {
  const whole = rows.filter((row) => row.workspaceId === null);
  return { scopes: new Set(rows.flatMap(organizationScopesOfRow)), everywhere: accessOf(whole).scopes };
}

function roleOf(rows: readonly AccessRow[], scopes: ReadonlySet<Scope>): string {
  const builtIn = greatestRole(scopes);
  if (builtIn) return builtIn;
  return rows.find((row) => row.source !== 'organization-member' && !row.object)?.role ?? 'single things';
}

/** The greatest role of the chain of which all is had; null: not even the least. */
export function greatestRole(scopes: ReadonlySet<Scope>) {
  return WORKSPACE_ROLES.findLast((role) => scopesOf(role).every((scope) => scopes.has(scope))) ?? null;
}

/** The least of two: what a key of `scopes` may for an owner who has `access`. */
export function capAccess(access: Access, scopes: ReadonlySet<Scope>): Access {
  const both = (own: ReadonlySet<Scope>) => new Set([...own].filter((scope) => scopes.has(scope)));
  const capped = both(access.scopes);
  const objects = access.objects.map((each) => ({ ...each, scopes: both(each.scopes) })).filter((each) => each.scopes.size > 0);
  return { scopes: capped, objects, role: greatestRole(capped) ?? (capped.size > 0 ? 'some scopes' : 'single things') };
}

/** Where a scope is had: in the whole workspace, for some things of one kind, or nowhere. */
export type Reach = { readonly kind: 'all' } | { readonly kind: 'only'; readonly on: ObjectKind; readonly ids: readonly string[] } | null;

export function reachOf(access: Pick<Access, 'scopes' | 'objects'>, scope: Scope): Reach {
  if (access.scopes.has(scope)) return { kind: 'all' };
  const { on } = ruleOf(scope);
  const ids = access.objects.filter((each) => each.kind === on && each.scopes.has(scope)).map((each) => each.id);
  return on && ids.length > 0 ? { kind: 'only', on, ids } : null;
}

/** The scopes had for all of these things: what a request that is narrowed to them goes on with. */
export function scopesWithin(access: Pick<Access, 'scopes' | 'objects'>, reach: Reach): ReadonlySet<Scope> {
  if (reach?.kind !== 'only') return access.scopes;
  const within = access.objects.filter((each) => each.kind === reach.on && reach.ids.includes(each.id));
  return new Set(SCOPES.filter((scope) => access.scopes.has(scope) || within.every((each) => each.scopes.has(scope))));
}

/** Why a scope is had, on one thing (null: in the workspace as a whole). Empty: it is not. */
export function reasonsFor(rows: readonly AccessRow[], scope: Scope, object: AccessRow['object']): AccessRow[] {
  return rows.filter((row) => {
    if (row.object && !(object && row.object.kind === object.kind && row.object.id === object.id)) return false;
    return scopesOfRow(row).includes(scope);
  });
}

/** What of `wanted` is not in `own`: nobody hands out more than they have. */
export function beyond<S extends AnyScope>(own: ReadonlySet<S>, wanted: Iterable<S>): S[] {
  return [...wanted].filter((scope) => !own.has(scope));
}

/** The same of all that these rows of one organization give, there, in its workspaces and on single things of those. */
export function beyondRows(
  own: ReturnType<typeof organizationAccessOf> & { readonly workspaces: readonly (Access & { readonly id: string })[] },
  rows: readonly AccessRow[],
): AnyScope[] {
  const given = organizationAccessOf(rows);
  const inWorkspaces = [...new Set(rows.flatMap((row) => row.workspaceId ?? []))].flatMap((workspaceId) => {
    const there = own.workspaces.find(({ id }) => id === workspaceId);
    const has = new Set([...own.everywhere, ...(there?.scopes ?? [])]);
    const access = accessOf(rows.filter((row) => row.workspaceId === workspaceId));
    const onThings = access.objects.flatMap(({ kind, id, scopes }) => {
      const same = there?.objects.find((each) => each.kind === kind && each.id === id);
      return beyond(new Set([...has, ...(same?.scopes ?? [])]), scopes);
    });
    return [...beyond(has, access.scopes), ...onThings];
  });
  return [...new Set([...beyond<AnyScope>(own.scopes, given.scopes), ...beyond(own.everywhere, given.everywhere), ...inWorkspaces])];
}

/** The same for a role in an organization: admins and owners are owner in each workspace. Plain members have nothing by that. */
export function beyondOrganizationRole(own: ReturnType<typeof organizationAccessOf>, role: OrganizationRole): AnyScope[] {
  if (role === 'member') return [];
  return [...beyond(own.scopes, organizationScopesOf(role)), ...beyond(own.everywhere, scopesOf('owner'))];
}
