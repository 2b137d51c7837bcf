/**
 * Deleting a deployment. Refused while any of its runs is live, waiting ones included: cancelling is a decision of its
 * own. Ended runs stay and keep the deployment's id; its flow stays, its schedules go.
 */
import { type Audited, audited } from '../../platform/audit.ts';
import { preconditionFailed } from '../../platform/errors.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { getLocked } from './service.ts';

export async function deleteDeployment(ctx: CommandCtx, input: { deployment: string }): Promise<Audited<{ deleted: true }>> {
  const deployment = await getLocked(ctx, input.deployment);
  // Whoever makes a run holds the deployment's row (a person) or a schedule's (the firing loop): none comes after this.
  await ctx.tx.$queryRaw`SELECT 1 FROM schedule WHERE deployment_id = ${deployment.id}::uuid ORDER BY id FOR UPDATE`;
  const live = await ctx.tx.runDispatch.count({ where: { deploymentId: deployment.id, workspaceId: ctx.workspace.id } });
  if (live > 0) {
    const name = `${deployment.flowName}/${deployment.name}`;
    throw preconditionFailed(`Deployment "${name}" has ${live} ${live === 1 ? 'run' : 'runs'} that did not end: cancel or wait first.`, {
      live,
    });
  }
  await ctx.tx.deployment.delete({ where: { id: deployment.id } });
  return audited(
    { deleted: true as const },
    {
      target: { kind: 'deployment', id: deployment.id },
      before: { flow: deployment.flowName, name: deployment.name },
      after: null,
    },
  );
}
