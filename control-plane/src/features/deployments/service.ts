/** Deployments as people look at them and steer them; what code says comes by deploy.ts. */
import { toUuid } from '@signalbox/proto';
import type { Deployment, listDeploymentsInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { notFound } from '../../platform/errors.ts';
import { cursorUuid, type Page, pageOf } from '../../platform/pagination.ts';
import type { CommandCtx, Ctx, SqlCtx } from '../../platform/services.ts';
import { afterCommit } from '../dispatch/index.ts';
import { type DeploymentRef, findDeploymentRef, lockDeployment, parseRef, readDeployment, readDeployments } from './store.ts';

export async function listDeployments(ctx: SqlCtx, input: z.output<typeof listDeploymentsInput>): Promise<Page<Deployment>> {
  const rows = await readDeployments(ctx.sql, {
    workspaceId: ctx.workspace.id,
    flowId: input.flow ? toUuid('flow', input.flow) : null,
    search: input.search?.trim() || null,
    before: cursorUuid('deployment', input.cursor),
    limit: input.limit + 1,
  });
  return pageOf(
    'deployment',
    rows,
    input.limit,
    (row) => row.id,
    (row) => row.deployment,
  );
}

export async function getDeployment(ctx: SqlCtx, input: { deployment: string }): Promise<Deployment> {
  const by = parseRef(input.deployment);
  const deployment = by && (await readDeployment(ctx.sql, ctx.workspace.id, by));
  if (!deployment) throw notFound('deployment', input.deployment);
  return deployment;
}

/** The deployment, its row locked. */
export async function getLocked(ctx: Ctx, ref: string): Promise<DeploymentRef> {
  const found = await findDeploymentRef(ctx.tx, ctx.workspace.id, ref);
  if (!found || !(await lockDeployment(ctx.tx, found.id))) throw notFound('deployment', ref);
  return found;
}

/** After the commit: live pages look again, runs parked on its pause or limit are woken, the dispatcher looks. */
export function tellAbout(ctx: CommandCtx, deployment: Deployment): void {
  const { pool } = deployment;
  ctx.afterCommit(() => ctx.bus.live(ctx.workspace.id, { kind: 'deployment', id: deployment.id }));
  ctx.afterCommit(() => afterCommit(ctx, [{ kind: 'wake', deploymentId: toUuid('deployment', deployment.id) }]));
  if (pool) ctx.afterCommit(() => ctx.bus.nudge(ctx.workspace.id, toUuid('workPool', pool.id)));
}
