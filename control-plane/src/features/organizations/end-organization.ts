/** Deleting an organization with a grace period, in which its owners alone see it and may restore it. Its workspaces go with it. */
import type { deleteOrganizationInput, Organization, restoreOrganizationInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { showOrganization } from '../../platform/actor.ts';
import { type Audited, audited, writeAudit } from '../../platform/audit.ts';
import type { PersonalCtx } from '../../platform/command.ts';
import type { Tx } from '../../platform/db.ts';
import { conflict, preconditionFailed } from '../../platform/errors.ts';
import { authorizeOrganization } from '../../platform/trpc.ts';

type Done = { readonly organizationId: string; readonly done: Audited<Organization>; readonly afterCommit?: () => void };

/** All of it is gone at one instant: that of the grace, or later where a workspace was promised more. Pools pause at once. */
export async function deleteOrganization(
  ctx: PersonalCtx & { readonly tx: Tx },
  { slug: named, graceDays }: z.output<typeof deleteOrganizationInput>,
): Promise<Done> {
  const { identity, requestId, tx } = ctx;
  const organization = authorizeOrganization(identity, named, null, 'organization:delete');
  const { id, slug } = organization;
  // Whoever makes a workspace in it at this moment is waited for.
  await tx.$executeRaw`SELECT 1 FROM organization WHERE id = ${id}::uuid FOR UPDATE`;
  const [row] = await tx.$queryRaw<{ purge_at: Date }[]>`
    UPDATE organization SET deleted_at = now(), purge_at = greatest(now() + make_interval(days => ${graceDays}::int),
      (SELECT max(w.purge_at) FROM workspace w WHERE w.organization_id = ${id}::uuid))
    WHERE id = ${id}::uuid AND deleted_at IS NULL RETURNING purge_at`;
  if (!row) throw conflict(`Organization "${slug}" is deleted already.`);
  const workspaces = await tx.$queryRaw<{ id: string; slug: string }[]>`
    WITH paused AS (
      UPDATE work_pool p SET paused = true FROM workspace w
      WHERE w.id = p.workspace_id AND w.organization_id = ${id}::uuid AND w.deleted_at IS NULL AND NOT p.paused RETURNING p.id, p.workspace_id)
    UPDATE workspace w SET deleted_at = now(), purge_at = ${row.purge_at}::timestamptz,
      paused_pools = coalesce((SELECT array_agg(p.id) FROM paused p WHERE p.workspace_id = w.id), '{}')
    WHERE w.organization_id = ${id}::uuid AND w.deleted_at IS NULL RETURNING w.id, w.slug`;
  const output = showOrganization({ ...organization, purgeAt: row.purge_at });
  for (const workspace of workspaces) {
    const facts = {
      target: { kind: 'workspace', id: workspace.id },
      before: null,
      after: { slug: workspace.slug, purgeAt: output.purgeAt },
    };
    await writeAudit(tx, { workspaceId: workspace.id, actor: identity.actor, action: 'workspace.delete', requestId, facts });
  }
  const after = { slug, purgeAt: output.purgeAt, workspaces: workspaces.map((workspace) => workspace.slug) };
  return { organizationId: id, done: audited(output, { target: { kind: 'organization', id }, before: { slug }, after }) };
}

/** With the workspaces that went with it, as they were. One that was deleted by itself before stays so. */
export async function restoreOrganization(
  ctx: PersonalCtx & { readonly tx: Tx },
  input: z.output<typeof restoreOrganizationInput>,
): Promise<Done> {
  const { identity, requestId, tx } = ctx;
  const organization = authorizeOrganization(identity, input.slug, null, 'organization:delete');
  const { id, slug } = organization;
  const [row] = await tx.$queryRaw<{ is_over: boolean | null }[]>`
    SELECT purge_at <= now() AS is_over FROM organization WHERE id = ${id}::uuid FOR UPDATE`;
  if (row?.is_over == null) throw preconditionFailed(`Organization "${slug}" is not deleted.`);
  if (row.is_over) throw preconditionFailed(`The grace period of organization "${slug}" is over: it is going now.`);
  // The instant of its deletion tells which workspaces went with it.
  const workspaces = await tx.$queryRaw<{ id: string; slug: string; paused_pools: string[] }[]>`
    SELECT w.id, w.slug, w.paused_pools FROM workspace w JOIN organization o ON o.id = w.organization_id
    WHERE o.id = ${id}::uuid AND w.deleted_at = o.deleted_at FOR UPDATE OF w`;
  const ids = workspaces.map((workspace) => workspace.id);
  const pools = workspaces.flatMap((workspace) => workspace.paused_pools.map((poolId) => ({ workspaceId: workspace.id, poolId })));
  await tx.$executeRaw`UPDATE organization SET deleted_at = NULL, purge_at = NULL WHERE id = ${id}::uuid`;
  await tx.$executeRaw`UPDATE workspace SET deleted_at = NULL, purge_at = NULL, paused_pools = '{}' WHERE id = ANY (${ids}::uuid[])`;
  await tx.$executeRaw`UPDATE work_pool SET paused = false WHERE id = ANY (${pools.map((each) => each.poolId)}::uuid[]) AND workspace_id = ANY (${ids}::uuid[])`;
  for (const workspace of workspaces) {
    const facts = { target: { kind: 'workspace', id: workspace.id }, before: { slug: workspace.slug }, after: { slug: workspace.slug } };
    await writeAudit(tx, { workspaceId: workspace.id, actor: identity.actor, action: 'workspace.restore', requestId, facts });
  }
  const after = { slug, workspaces: workspaces.map((workspace) => workspace.slug) };
  return {
    organizationId: id,
    done: audited(showOrganization({ ...organization, purgeAt: null }), { target: { kind: 'organization', id }, before: { slug }, after }),
    afterCommit: () => {
      for (const { workspaceId, poolId } of pools) ctx.bus.nudge(workspaceId, poolId);
    },
  };
}
