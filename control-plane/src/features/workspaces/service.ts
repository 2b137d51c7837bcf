/** Workspaces of an organization: the tenants. */
import { uuidv7 } from '@signalbox/proto';
import type { createWorkspaceInput, workspaceSchema } from '@signalbox/proto/api';
import type { z } from 'zod';
import { showWorkspace, type WorkspaceAccess } from '../../platform/actor.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import type { PersonalCtx } from '../../platform/command.ts';
import type { Tx } from '../../platform/db.ts';
import { conflict, forbidden } from '../../platform/errors.ts';

type Workspace = z.infer<typeof workspaceSchema>;
type Created = { workspaceId: string; done: Audited<Workspace>; afterCommit: () => Promise<void> };

export async function listWorkspaces(ctx: PersonalCtx): Promise<Workspace[]> {
  return ctx.identity.workspaces.map(showWorkspace);
}

/** For admins of the organization; its maker becomes its owner. It has no pool yet, and a NATS account of its own. */
export async function createWorkspace(
  ctx: PersonalCtx & { readonly tx: Tx },
  input: z.output<typeof createWorkspaceInput>,
): Promise<Created> {
  const { actor } = ctx.identity;
  if (actor.kind !== 'user') throw forbidden('An API key belongs to one workspace; only a person makes workspaces.');
  const membership = await ctx.tx.organizationMember.findFirst({
    where: { userId: actor.id, role: { in: ['admin', 'owner'] } },
    orderBy: { createdAt: 'asc' },
    include: { organization: true },
  });
  if (!membership) throw forbidden('Only an admin or owner of the organization may make workspaces.');
  const { organization } = membership;

  const id = uuidv7(Date.now());
  // The unique index decides between two that come at once; the loser is told.
  const { count } = await ctx.tx.workspace.createMany({
    data: { id, organizationId: organization.id, slug: input.slug, name: input.name },
    skipDuplicates: true,
  });
  if (count === 0) throw conflict(`Workspace "${input.slug}" exists already in organization "${organization.slug}".`, { slug: input.slug });
  await ctx.tx.workspaceMember.create({ data: { workspaceId: id, userId: actor.id, role: 'owner' } });

  const row = await ctx.tx.workspace.findUniqueOrThrow({ where: { id } });
  const access: WorkspaceAccess = { ...row, role: 'owner', organization };
  const output = showWorkspace(access);
  return {
    workspaceId: id,
    done: audited(output, { target: { kind: 'workspace', id }, before: null, after: output }),
    // Made again on first need if NATS is away now.
    afterCommit: async () => void (await ctx.credentials.ensureAccount(id)),
  };
}
