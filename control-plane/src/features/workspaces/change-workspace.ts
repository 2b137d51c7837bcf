/** Renaming, deleting with a grace period, restoring, and moving a workspace to another organization. */
import { toId, toUuid } from '@signalbox/proto';
import type { deleteWorkspaceInput, transferWorkspaceInput, updateWorkspaceInput, Workspace } from '@signalbox/proto/api';
import type { z } from 'zod';
import { showWorkspace } from '../../platform/actor.ts';
import { type Audited, audited, writeAudit } from '../../platform/audit.ts';
import type { PersonalCtx } from '../../platform/command.ts';
import type { Tx } from '../../platform/db.ts';
import { conflict, forbidden, invalidInput, notFound, preconditionFailed } from '../../platform/errors.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { authorize, authorizeOrganization } from '../../platform/trpc.ts';

export async function updateWorkspace(ctx: CommandCtx, input: z.output<typeof updateWorkspaceInput>): Promise<Audited<Workspace>> {
  const { id, organization, slug: before, name: oldName } = ctx.workspace;
  const { slug = before, name = oldName } = input;
  if (slug !== before) await requireFreeSlug(ctx.db.system, organization, slug);
  await ctx.tx.workspace.update({ where: { id }, data: { slug, name }, select: { id: true } });
  const output = showWorkspace({ ...ctx.workspace, slug, name });
  return audited(output, { target: { kind: 'workspace', id }, before: { slug: before, name: oldName }, after: { slug, name } });
}

/** Its pools pause, so that no run starts; nothing else works until it is restored or, after the grace, gone. */
export async function deleteWorkspace(ctx: CommandCtx, input: z.output<typeof deleteWorkspaceInput>): Promise<Audited<Workspace>> {
  const { id, slug, purgeAt: already } = ctx.workspace;
  if (input.slug !== slug)
    throw invalidInput([{ field: 'slug', expected: `"${slug}", the workspace that is to be deleted`, received: input.slug }]);
  if (already) throw conflict(`Workspace "${slug}" is deleted already.`);
  const paused = await ctx.tx.$queryRaw<{ id: string }[]>`
    UPDATE work_pool SET paused = true WHERE workspace_id = ${id}::uuid AND NOT paused RETURNING id`;
  const [row] = await ctx.tx.$queryRaw<{ purge_at: Date }[]>`
    UPDATE workspace SET deleted_at = now(), purge_at = now() + make_interval(days => ${input.graceDays}::int),
      paused_pools = ${paused.map((pool) => pool.id)}::uuid[]
    WHERE id = ${id}::uuid AND deleted_at IS NULL RETURNING purge_at`;
  if (!row) throw conflict(`Workspace "${slug}" was deleted a moment ago.`);
  const output = showWorkspace({ ...ctx.workspace, purgeAt: row.purge_at });
  return audited(output, { target: { kind: 'workspace', id }, before: null, after: { slug, purgeAt: output.purgeAt } });
}

/** As it was before; pools that somebody had paused stay so. */
export async function restoreWorkspace(ctx: CommandCtx): Promise<Audited<Workspace>> {
  const { id, slug } = ctx.workspace;
  const [row] = await ctx.tx.$queryRaw<{ paused_pools: string[]; with_organization: boolean }[]>`
    SELECT w.paused_pools, o.deleted_at IS NOT NULL AS with_organization FROM workspace w JOIN organization o ON o.id = w.organization_id
    WHERE w.id = ${id}::uuid AND w.deleted_at IS NOT NULL FOR UPDATE OF w`;
  if (!row) throw preconditionFailed(`Workspace "${slug}" is not deleted.`);
  if (row.with_organization) throw preconditionFailed(`Its organization is deleted: restore "${ctx.workspace.organization.slug}" first.`);
  await ctx.tx.$executeRaw`UPDATE workspace SET deleted_at = NULL, purge_at = NULL, paused_pools = '{}' WHERE id = ${id}::uuid`;
  await ctx.tx.$executeRaw`UPDATE work_pool SET paused = false WHERE workspace_id = ${id}::uuid AND id = ANY (${row.paused_pools}::uuid[])`;
  for (const poolId of row.paused_pools) ctx.afterCommit(() => ctx.bus.nudge(id, poolId));
  const output = showWorkspace({ ...ctx.workspace, purgeAt: null });
  return audited(output, { target: { kind: 'workspace', id }, before: { slug }, after: { slug } });
}

/**
 * With everything in it, its history and audit too. People who are not in the new organization, teams and service accounts of
 * the old one lose their access; keys of the latter, and of nobody, are revoked.
 */
export async function transferWorkspace(
  ctx: PersonalCtx & { readonly tx: Tx },
  input: z.output<typeof transferWorkspaceInput>,
): Promise<{ organizationId: string; done: Audited<Workspace> }> {
  const { identity, tx } = ctx;
  if (identity.actor.kind !== 'user')
    throw forbidden(
      'A key reaches no further than the organization it was made in: a workspace is transferred by somebody of both, in the console.',
    );
  const { workspace } = authorize(identity, input.workspace, 'workspace:delete');
  const from = authorizeOrganization(identity, toId('organization', workspace.organization.id), null, 'organization:workspaces');
  const to = authorizeOrganization(identity, input.organization, null, 'organization:workspaces');
  if (from.id === to.id) throw conflict(`Workspace "${workspace.slug}" is in that organization already.`);
  if (workspace.purgeAt) throw forbidden('A deleted workspace is not transferred: restore it first.');
  const id = toUuid('workspace', input.workspace);
  await tx.$executeRaw`SELECT 1 FROM workspace WHERE id = ${id}::uuid FOR UPDATE`;
  await requireFreeSlug(tx, to, workspace.slug);
  const moved = await tx.workspace.updateMany({ where: { id, organizationId: from.id }, data: { organizationId: to.id } });
  if (moved.count === 0) throw notFound('workspace', input.workspace);
  await tx.roleGrant.deleteMany({ where: { workspaceId: id } });
  await tx.$executeRaw`DELETE FROM workspace_member m WHERE m.workspace_id = ${id}::uuid
    AND NOT EXISTS (SELECT 1 FROM organization_member o WHERE o.organization_id = ${to.id}::uuid AND o.user_id = m.user_id)`;
  await tx.$executeRaw`UPDATE api_key SET revoked_at = now() WHERE workspace_id = ${id}::uuid AND user_id IS NULL AND revoked_at IS NULL`;
  await tx.$executeRaw`UPDATE invitation SET revoked_at = now() WHERE workspace_id = ${id}::uuid AND accepted_at IS NULL AND revoked_at IS NULL`;
  const before = { organization: from.slug, slug: workspace.slug };
  const after = { organization: to.slug, slug: workspace.slug };
  const facts = { target: { kind: 'workspace', id }, before, after };
  // Both organizations are told.
  await writeAudit(tx, { organizationId: from.id, actor: identity.actor, action: 'workspace.leave', requestId: ctx.requestId, facts });
  return { organizationId: to.id, done: audited(showWorkspace({ ...workspace, organization: to }), facts) };
}

async function requireFreeSlug(tx: Pick<Tx, 'workspace'>, organization: { id: string; slug: string }, slug: string): Promise<void> {
  const where = { organizationId_slug: { organizationId: organization.id, slug } };
  if (await tx.workspace.findUnique({ where, select: { id: true } }))
    throw conflict(`Workspace "${slug}" exists already in organization "${organization.slug}".`, { slug });
}
