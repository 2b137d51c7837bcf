/** Who asks, and where they may act. Resolved anew for every request, so that a revocation bites at once. */
import { isId, toId, toUuid } from '@signalbox/proto';
import type { WorkspaceRole, workspaceSchema } from '@signalbox/proto/api';
import type { z } from 'zod';
import { notFound } from './errors.ts';

type Workspace = z.infer<typeof workspaceSchema>;

/** A person with a session, or a program with an API key. Ids are UUIDs. */
export type Actor =
  | { readonly kind: 'user'; readonly id: string; readonly name: string; readonly email: string }
  | { readonly kind: 'api-key'; readonly id: string; readonly name: string };

/** One workspace the actor may see, and the role it has there. */
export type WorkspaceAccess = {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly role: WorkspaceRole;
  readonly retentionClass: string;
  readonly createdAt: Date;
  readonly organization: { readonly id: string; readonly slug: string; readonly name: string };
};

export type Identity = {
  readonly actor: Actor;
  /** Oldest first. An API key has exactly one. */
  readonly workspaces: readonly WorkspaceAccess[];
  /** When this credential ends by itself: a live stream closes then. */
  readonly expiresAt: Date | null;
};

/**
 * The workspace a request means: the one its header names by slug or id, else the actor's first.
 * @throws NOT_FOUND for a workspace the actor may not see, whether or not it exists.
 */
export function chooseWorkspace(identity: Identity, ref: string | null): WorkspaceAccess | null {
  if (!ref) return identity.workspaces[0] ?? null;
  const id = isId('workspace', ref) ? toUuid('workspace', ref) : null;
  const chosen = identity.workspaces.find((workspace) => workspace.slug === ref || workspace.id === id);
  if (!chosen) throw notFound('workspace', ref);
  return chosen;
}

/** As people and programs see it. */
export function showWorkspace(workspace: WorkspaceAccess): Workspace {
  const { organization } = workspace;
  return {
    id: toId('workspace', workspace.id),
    slug: workspace.slug,
    name: workspace.name,
    organization: { id: toId('organization', organization.id), slug: organization.slug, name: organization.name },
    role: workspace.role,
    createdAt: workspace.createdAt.toISOString(),
  };
}
