/** Who asks, where, and what they may. */
import { toId } from '@signalbox/proto';
import type { Me } from '@signalbox/proto/api';
import { scopesOf } from '../../domain/permissions.ts';
import { chooseWorkspace, showWorkspace } from '../../platform/actor.ts';
import type { PersonalCtx } from '../../platform/command.ts';

export async function getMe(ctx: PersonalCtx): Promise<Me> {
  const { actor } = ctx.identity;
  const workspace = chooseWorkspace(ctx.identity, ctx.workspaceRef);
  return {
    actor:
      actor.kind === 'user'
        ? { kind: 'user', id: toId('user', actor.id), email: actor.email, name: actor.name }
        : { kind: 'api-key', id: toId('apiKey', actor.id), name: actor.name },
    workspace: workspace ? showWorkspace(workspace) : null,
    scopes: workspace ? scopesOf(workspace.role) : [],
  };
}
