/** Workspaces of an organization: the tenants. */
import { uuidv7 } from '@signalbox/proto';
import type { createWorkspaceInput, workspaceSchema } from '@signalbox/proto/api';
import type { z } from 'zod';
import { showWorkspace } from '../../platform/actor.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import type { PersonalCtx } from '../../platform/command.ts';
import { conflict, forbidden, limitExceeded } from '../../platform/errors.ts';
import type { OrganizationCommandCtx } from '../../platform/services.ts';

type Workspace = z.infer<typeof workspaceSchema>;

/** Limits of use are each workspace's own: without this one, more of it would be had by making more of them. */
const MAX_WORKSPACES = 200;

export async function listWorkspaces(ctx: PersonalCtx): Promise<Workspace[]> {
  return ctx.identity.workspaces.map(showWorkspace);
}

/** For admins of the organization; its maker becomes its owner. It has no pool yet, and a NATS account of its own. */
export async function createWorkspace(
  ctx: OrganizationCommandCtx,
  input: z.output<typeof createWorkspaceInput>,
): Promise<Audited<Workspace>> {
  const { actor, organization } = ctx;
  if (actor.kind !== 'user') throw forbidden('A key acts in one workspace: others are made by people, in the console.');
  if ((await ctx.tx.workspace.count({ where: { organizationId: organization.id } })) >= MAX_WORKSPACES)
    throw limitExceeded(`An organization has at most ${MAX_WORKSPACES} workspaces, those in their grace period included.`);
  const id = uuidv7(Date.now());
  // The unique index decides between two that come at once; the loser is told.
  const { count } = await ctx.tx.workspace.createMany({
    data: { id, organizationId: organization.id, slug: input.slug, name: input.name },
    skipDuplicates: true,
  });
  if (count === 0) throw conflict(`Workspace "${input.slug}" exists already in organization "${organization.slug}".`, { slug: input.slug });
  await ctx.tx.workspaceMember.createMany({ data: { workspaceId: id, userId: actor.id, role: 'owner' } });
  // Made again on first need if NATS is away now.
  ctx.afterCommit(async () => void (await ctx.credentials.ensureAccount(id)));

  const row = await ctx.tx.workspace.findUniqueOrThrow({ where: { id } });
  const output = showWorkspace({ ...row, role: 'owner', organization });
  return audited(output, { target: { kind: 'workspace', id }, before: null, after: output });
}
