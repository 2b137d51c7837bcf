/** Who asks, where, and what they may. */
import { type IdKind, toId } from '@signalbox/proto';
import type { Me } from '@signalbox/proto/api';
import type { ObjectKind } from '../../domain/permissions.ts';
import { chooseOrganization, chooseWorkspace, showOrganization, showWorkspace } from '../../platform/actor.ts';
import type { PersonalCtx } from '../../platform/command.ts';

const ID_KIND = { deployment: 'deployment', 'work-pool': 'workPool', block: 'block' } as const satisfies Record<ObjectKind, IdKind>;

export async function getMe(ctx: PersonalCtx): Promise<Me> {
  const { actor } = ctx.identity;
  const workspace = chooseWorkspace(ctx.identity, ctx.workspaceRef);
  const organization = chooseOrganization(ctx.identity, ctx.organizationRef, ctx.workspaceRef);
  return {
    actor:
      actor.kind === 'user'
        ? { kind: 'user', id: toId('user', actor.id), email: actor.email, name: actor.name }
        : actor.kind === 'run'
          ? { kind: 'run', id: toId('run', actor.id), name: actor.name }
          : { kind: 'api-key', id: toId('apiKey', actor.id), name: actor.name },
    workspace: workspace ? showWorkspace(workspace) : null,
    scopes: [...(workspace?.scopes ?? [])],
    objects: (workspace?.objects ?? []).map(({ kind, id, scopes }) => ({ kind, id: toId(ID_KIND[kind], id), scopes: [...scopes] })),
    organization: organization && showOrganization(organization),
    ...(actor.kind === 'user' && actor.support ? { support: showSupport(actor.support) } : {}),
  };
}

function showSupport({ operator, reason, expiresAt }: { operator: string; reason: string; expiresAt: Date }): NonNullable<Me['support']> {
  return { operator, reason, expiresAt: expiresAt.toISOString() };
}
