import { type RetryMode, toUuid } from '@signalbox/proto';
import type { RunSummary } from '@signalbox/proto/api';
import type { Audited } from '../../platform/audit.ts';
import { notFound, preconditionFailed } from '../../platform/errors.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { voidPauses } from '../pauses/index.ts';
import { actorName, type Moved, moveRun } from './move-run.ts';
import { findDeploymentOfRun, findRecord } from './store.ts';

/**
 * Another attempt of a run that has ended: the same run under a higher epoch, with the code it was pinned to. From the
 * start, or with what earlier attempts finished.
 * @throws CONFLICT when it has not ended, PRECONDITION_FAILED when its deployment or pool is gone.
 */
export async function retryRun(ctx: CommandCtx, input: Moved & { readonly mode: RetryMode }): Promise<Audited<RunSummary>> {
  const { id: workspaceId } = ctx.workspace;
  const record = await findRecord(ctx.sql, workspaceId, toUuid('run', input.run));
  if (!record) throw notFound('run', input.run);
  const deployment = await findDeploymentOfRun(ctx.tx, workspaceId, record.deploymentId);
  if (!deployment) throw preconditionFailed(`The deployment of ${input.run} was deleted; there is no code to run again.`);
  if (!deployment.poolId)
    throw preconditionFailed(`The work pool of deployment "${deployment.name}" was deleted. Deploy it to another pool first.`);
  const place = { retentionClass: record.retentionClass, runId: toUuid('run', input.run) };
  const { mode } = input;
  const intent = { kind: 'retry-by-hand', by: actorName(ctx), mode } as const;
  return moveRun(ctx, input, intent, { onAccept: () => voidPauses(sqlOfTx(ctx.tx), place, { answered: mode === 'from-start' }) });
}
