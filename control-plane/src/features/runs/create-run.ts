/**
 * A run to be. All that can be wrong is found before anything is written; then record, dispatch row, key and audit row
 * go in one transaction.
 */
import type { createRunInput, RunSummary } from '@signalbox/proto/api';
import type { z } from 'zod';
import { friendlyRunName } from '../../domain/run-name.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import type { SqlCommandCtx } from '../../platform/services.ts';
import { requireUsage } from '../../platform/usage.ts';
import { afterCommit, effectsOfInsert, type InsertedRun, insertRuns, type NewRun, newRunIds } from '../dispatch/index.ts';
import { claimKey, hashBody } from './idempotency.ts';
import { checkRunVariables, checkSize, findQueueForRun, mergeParameters, newRun, requireRunnable, showNewRun } from './new-run.ts';
import { readSummaryIn } from './read-summaries.ts';
import type { RunDeployment } from './store.ts';

type Input = z.output<typeof createRunInput>;

export async function createRun(ctx: SqlCommandCtx, input: Input): Promise<Audited<RunSummary>> {
  checkSize(input.parameters, 'parameters');
  const deployment = await requireRunnable(ctx, input.deployment);
  const parameters = await mergeParameters(deployment, input.parameters, 'parameters');
  await checkRunVariables(ctx, deployment, [{ variables: input.variables, field: 'variables' }]);
  const queueId = await findQueueForRun(ctx.sql, deployment, input.queue);
  if (!input.idempotencyKey) return insert(ctx, input, { deployment, parameters, queueId });

  const [id] = await newRunIds(ctx.sql, 1);
  if (!id) throw new Error('no run id was made');
  const key = {
    workspaceId: ctx.workspace.id,
    deploymentId: deployment.id,
    key: input.idempotencyKey,
    bodyHash: hashBody(input),
    runId: id,
  };
  const madeBefore = await claimKey(ctx.sql, key, ctx.workspace.retentionClass);
  if (!madeBefore) return insert(ctx, input, { id, deployment, parameters, queueId });
  return audited(await readSummaryIn(ctx.sql, ctx.workspace.id, madeBefore), {
    target: { kind: 'run', id: madeBefore },
    before: null,
    after: { repeated: true, idempotencyKey: input.idempotencyKey },
  });
}

/**
 * A run that is due now goes to an agent whose claim stands here with the very commit that makes it. True: whoever keeps that claim sees to
 * the work of the pool.
 */
function giveWithCommit(ctx: SqlCommandCtx, [row]: readonly InsertedRun[], { dueAt }: NewRun): boolean {
  // A narrowed transaction sees less than a claim must.
  if (!row?.poolId || dueAt || ctx.isNarrowed || !ctx.withCommit) return false;
  const last = ctx.giveAtOnce?.({ workspaceId: row.workspaceId, poolId: row.poolId });
  if (!last) return false;
  ctx.withCommit(last);
  return true;
}

async function insert(
  ctx: SqlCommandCtx,
  input: Input,
  made: { id?: string; deployment: RunDeployment; parameters: Record<string, unknown>; queueId: string | null },
): Promise<Audited<RunSummary>> {
  const { deployment, parameters, queueId } = made;
  requireUsage(ctx.usage, ctx.workspace.id, 'runs', 1);
  const name = input.name ?? friendlyRunName(Math.random);
  const asked = newRun(ctx, deployment, { ...input, name, parameters, queueId }, made.id);
  const inserted = await insertRuns(ctx.sql, [asked]);
  const isGiven = giveWithCommit(ctx, inserted, asked);
  ctx.afterCommit(() => afterCommit(ctx, effectsOfInsert(inserted, isGiven)));
  const [row] = inserted;
  if (!row) throw new Error('no run was inserted');
  const run = showNewRun(asked, row, deployment);
  return audited(run, {
    target: { kind: 'run', id: row.id },
    before: null,
    after: { name, deployment: `${deployment.flow.name}/${deployment.name}`, dueAt: run.dueAt, parameters: Object.keys(parameters) },
  });
}
