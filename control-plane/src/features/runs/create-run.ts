/**
 * A run to be. All that can be wrong is found before anything is written; then record, dispatch row, key and audit row
 * go in one transaction.
 */
import type { createRunInput, RunSummary } from '@signalbox/proto/api';
import type { z } from 'zod';
import { friendlyRunName } from '../../domain/run-name.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { afterCommit, effectsOfInsert, insertRuns, newRunIds } from '../dispatch/index.ts';
import { claimKey, hashBody } from './idempotency.ts';
import { checkSize, mergeParameters, newRun, requireRunnable } from './new-run.ts';
import { readSummary } from './read-summaries.ts';
import type { RunDeployment } from './store.ts';

type Input = z.output<typeof createRunInput>;

export async function createRun(ctx: CommandCtx, input: Input): Promise<Audited<RunSummary>> {
  checkSize(input.parameters, 'parameters');
  const deployment = await requireRunnable(ctx, input.deployment);
  const parameters = mergeParameters(deployment, input.parameters, 'parameters');
  const [id] = await newRunIds(sqlOfTx(ctx.tx), 1);
  if (!id) throw new Error('no run id was made');
  if (input.idempotencyKey) {
    const claim = {
      workspaceId: ctx.workspace.id,
      deploymentId: deployment.id,
      key: input.idempotencyKey,
      bodyHash: hashBody(input),
      runId: id,
    };
    const madeBefore = await claimKey(ctx.tx, claim, ctx.workspace.retentionClass);
    if (madeBefore) {
      const run = await readSummary(ctx, madeBefore);
      return audited(run, {
        target: { kind: 'run', id: madeBefore },
        before: null,
        after: { repeated: true, idempotencyKey: input.idempotencyKey },
      });
    }
  }
  return insert(ctx, input, { id, deployment, parameters });
}

async function insert(
  ctx: CommandCtx,
  input: Input,
  made: { id: string; deployment: RunDeployment; parameters: Record<string, unknown> },
): Promise<Audited<RunSummary>> {
  const { id, deployment } = made;
  const name = input.name ?? friendlyRunName(Math.random);
  const inserted = await insertRuns(sqlOfTx(ctx.tx), [newRun(ctx, deployment, { ...input, name, parameters: made.parameters }, id)]);
  ctx.afterCommit(() => afterCommit(ctx, effectsOfInsert(inserted)));
  const run = await readSummary(ctx, id);
  return audited(run, {
    target: { kind: 'run', id },
    before: null,
    after: { name, deployment: `${deployment.flow.name}/${deployment.name}`, dueAt: run.dueAt, parameters: Object.keys(made.parameters) },
  });
}
