/** Who asks, and where they may act. Resolved for every request; of holders of API keys known-keys.ts remembers it for a second. */
import { isId, toId, toUuid } from '@signalbox/proto';
import type { Organization, OrganizationRole, Workspace } from '@signalbox/proto/api';
import type { Access } from '../domain/access.ts';
import type { OrganizationScope, Scope } from '../domain/permissions.ts';
import { AppError, forbidden, invalidInput, shorten } from './errors.ts';

/** A person with a session, a program with an API key, or an automation. Ids are UUIDs. */
export type Actor =
  | { readonly kind: 'automation'; readonly id: string; readonly name: string }
  | {
      readonly kind: 'user';
      readonly id: string;
      readonly name: string;
      readonly email: string;
      /** An operator of the installation is in this person's place. */
      readonly support?: { readonly id: string; readonly operator: string; readonly reason: string; readonly expiresAt: Date };
    }
  | {
      readonly kind: 'api-key';
      readonly id: string;
      readonly name: string;
      /** Whose key it is; null: the system's own, of before keys had owners. */
      readonly owner: KeyOwner | null;
    }
  /** A running flow, with the token of its run. `id` is the run's. */
  | { readonly kind: 'run'; readonly id: string; readonly name: string; readonly epoch: number };

export type KeyOwner = { readonly kind: 'person' | 'service-account'; readonly id: string };

/** How an actor is named in histories. */
export function actorName(actor: Actor): string {
  switch (actor.kind) {
    case 'user':
      return actor.support ? supportName(actor.support.operator, actor.email) : actor.email;
    case 'api-key':
      return `API key "${actor.name}"`;
    case 'automation':
      return `automation "${actor.name}"`;
    case 'run':
      return `run "${actor.name}"`;
    default:
      return actor satisfies never;
  }
}

/** Both names of one who acts in another's place. */
export function supportName(operator: string, email: string): string {
  return `${operator} (support) as ${email}`;
}

/** One workspace the actor may see, and what it may there. */
export type WorkspaceAccess = Access & {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly retentionClass: string;
  readonly createdAt: Date;
  /** When it is gone for good, for one that somebody has deleted. */
  readonly purgeAt: Date | null;
  readonly organization: { readonly id: string; readonly slug: string; readonly name: string };
};

export type OrganizationAccess = {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly role: OrganizationRole;
  readonly scopes: ReadonlySet<OrganizationScope>;
  /** What is had in each of its workspaces: nobody hands out more than that in all of them at once. */
  readonly everywhere: ReadonlySet<Scope>;
  /** When it is gone for good, for one that was deleted: only who may take that back sees it then. */
  readonly purgeAt: Date | null;
};

export type Identity = {
  readonly actor: Actor;
  /** Oldest first. An API key has exactly one. */
  readonly workspaces: readonly WorkspaceAccess[];
  /** Oldest first; none for an API key, which belongs to one workspace. */
  readonly organizations: readonly OrganizationAccess[];
  /** Workspaces that are the actor's, in organizations whose terms (networks, single sign-on) this request does not meet, or that are deleted. */
  readonly withheld?: readonly { readonly id: string; readonly slug: string; readonly reason: string }[];
  /** When this credential ends by itself: a live stream closes then. */
  readonly expiresAt: Date | null;
};

/**
 * The workspace a request means: the one its header names by slug, by `organization/slug` or by id,
 * else the actor's first.
 * @throws NOT_FOUND for a workspace the actor may not see, whether or not it exists, FORBIDDEN for one of theirs that is withheld.
 */
export function chooseWorkspace(identity: Identity, ref: string | null): WorkspaceAccess | null {
  const withheld = identity.withheld ?? [];
  if (!ref) {
    const [first] = identity.workspaces;
    if (!first && withheld[0]) throw forbidden(withheld[0].reason);
    return first ?? null;
  }
  const id = isId('workspace', ref) ? toUuid('workspace', ref) : null;
  const [chosen, another] = identity.workspaces.filter(
    ({ id: own, slug, organization }) => own === id || slug === ref || `${organization.slug}/${slug}` === ref,
  );
  const kept = withheld.find(({ id: own, slug }) => own === id || slug === ref);
  // `details` tell an open page that it is the place itself which is gone.
  const details = { kind: 'workspace', id: shorten(ref) };
  if (!chosen && kept) throw forbidden(kept.reason, details);
  if (!chosen) throw new AppError('NOT_FOUND', `No workspace "${details.id}" of yours.`, { details });
  if (another) {
    const names = [chosen, another].map(({ organization, slug }) => `${organization.slug}/${slug}`).join(' or ');
    throw invalidInput([{ field: 'workspace', expected: `${names}: you are in several of that name`, received: ref }]);
  }
  return chosen;
}

/** The same, or null where it cannot be told. */
export function findWorkspace(identity: Identity, ref: string | null): WorkspaceAccess | null {
  try {
    return chooseWorkspace(identity, ref);
  } catch {
    return null;
  }
}

/**
 * The organization a request means: the one its header names by slug or id, else that of its workspace, else the first.
 * @throws NOT_FOUND for one the actor is not in, whether or not it exists.
 */
export function chooseOrganization(identity: Identity, ref: string | null, workspaceRef: string | null): OrganizationAccess | null {
  if (!ref) {
    const id = workspaceRef || identity.workspaces[0] ? chooseWorkspace(identity, workspaceRef)?.organization.id : undefined;
    return identity.organizations.find((each) => each.id === id) ?? identity.organizations[0] ?? null;
  }
  const id = isId('organization', ref) ? toUuid('organization', ref) : null;
  const chosen = identity.organizations.find((each) => each.slug === ref || each.id === id);
  const details = { kind: 'organization', id: shorten(ref) };
  if (!chosen) throw new AppError('NOT_FOUND', `No organization "${details.id}" of yours.`, { details });
  return chosen;
}

export function showOrganization(organization: OrganizationAccess): Organization {
  const { id, slug, name, role, scopes, purgeAt } = organization;
  return { id: toId('organization', id), slug, name, role, scopes: [...scopes], purgeAt: purgeAt?.toISOString() ?? null };
}

/** As people and programs see it. */
export function showWorkspace(workspace: Omit<WorkspaceAccess, 'scopes' | 'objects'>): Workspace {
  const { organization } = workspace;
  return {
    id: toId('workspace', workspace.id),
    slug: workspace.slug,
    name: workspace.name,
    organization: { id: toId('organization', organization.id), slug: organization.slug, name: organization.name },
    role: workspace.role,
    createdAt: workspace.createdAt.toISOString(),
    purgeAt: workspace.purgeAt?.toISOString() ?? null,
  };
}
