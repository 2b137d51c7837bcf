import { type RetryMode, toUuid } from '@signalbox/proto';
import type { RunSummary } from '@signalbox/proto/api';
import type { Audited } from '../../platform/audit.ts';
import { notFound, preconditionFailed } from '../../platform/errors.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { actorName, moveRun } from './move-run.ts';
import { findDeploymentOfRun, findRecord } from './store.ts';

/**
 * Another attempt of a run that has ended: the same run under a higher epoch, with the code it was pinned to. From the
 * start, or with what earlier attempts finished.
 * @throws CONFLICT when it has not ended, PRECONDITION_FAILED when its deployment or pool is gone.
 */
export async function retryRun(ctx: CommandCtx, input: { run: string; mode: RetryMode }): Promise<Audited<RunSummary>> {
  const { id: workspaceId } = ctx.workspace;
  const record = await findRecord(ctx.tx, workspaceId, toUuid('run', input.run));
  if (!record) throw notFound('run', input.run);
  const deployment = await findDeploymentOfRun(ctx.tx, workspaceId, record.deploymentId);
  if (!deployment) throw preconditionFailed(`The deployment of ${input.run} was deleted; there is no code to run again.`);
  if (!deployment.poolId)
    throw preconditionFailed(`The work pool of deployment "${deployment.name}" was deleted. Deploy it to another pool first.`);
  return moveRun(ctx, input.run, { kind: 'retry-by-hand', by: actorName(ctx), mode: input.mode });
}
