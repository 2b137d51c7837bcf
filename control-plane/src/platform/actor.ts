/** Who asks, and where they may act. Resolved anew for every request, so that a revocation bites at once. */
import type { WorkspaceRole } from '@signalbox/proto/api';
import { notFound } from './errors.ts';

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
  const chosen = identity.workspaces.find((workspace) => workspace.slug === ref || workspace.id === ref);
  if (!chosen) throw notFound('workspace', ref);
  return chosen;
}
