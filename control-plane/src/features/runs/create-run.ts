/**
 * A run to be. All that can be wrong is found before anything is written; then record, dispatch row, key and audit row
 * go in one transaction.
 */
import { openEnvelope, PARAMETERS_MAX_BYTES, toId } from '@signalbox/proto';
import type { createRunInput, RunSummary } from '@signalbox/proto/api';
import type { z } from 'zod';
import { friendlyRunName } from '../../domain/run-name.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import { invalidInput, notFound, preconditionFailed } from '../../platform/errors.ts';
import { checkParameters } from '../../platform/parameter-schema.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { afterCommit, effectsOfInsert, insertRuns, newRunIds } from '../dispatch/index.ts';
import { claimKey, hashBody } from './idempotency.ts';
import { readSummary } from './read-summaries.ts';
import { lockDeploymentForRun, type RunDeployment } from './store.ts';

type Input = z.output<typeof createRunInput>;

export async function createRun(ctx: CommandCtx, input: Input): Promise<Audited<RunSummary>> {
  checkSize(input.parameters);
  const deployment = await lockDeploymentForRun(ctx.tx, ctx.workspace.id, input.deployment);
  if (!deployment) throw notFound('deployment', input.deployment);
  if (!deployment.poolId) {
    throw preconditionFailed(
      `Deployment "${deployment.flow.name}/${deployment.name}" has no work pool: its pool was deleted. Deploy it to another pool first.`,
      { deployment: toId('deployment', deployment.id) },
    );
  }
  const parameters = { ...deployment.parameters, ...input.parameters };
  checkSize(parameters);
  const issues = checkParameters(deployment.parameterSchema, parameters);
  if (issues.length > 0) throw invalidInput(issues);

  const sql = sqlOfTx(ctx.tx);
  const [id] = await newRunIds(sql, 1);
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
  const inserted = await insertRuns(sqlOfTx(ctx.tx), [
    {
      id,
      workspaceId: ctx.workspace.id,
      deploymentId: deployment.id,
      name,
      tags: [...new Set([...deployment.tags, ...input.tags])],
      parameters: openEnvelope(made.parameters),
      createdBy: ctx.origin,
      actorId: ctx.actor.id,
      dueAt: input.dueAt ? new Date(input.dueAt) : null,
    },
  ]);
  ctx.afterCommit(() => afterCommit(ctx, effectsOfInsert(inserted)));
  const run = await readSummary(ctx, id);
  return audited(run, {
    target: { kind: 'run', id },
    before: null,
    after: { name, deployment: `${deployment.flow.name}/${deployment.name}`, dueAt: run.dueAt, parameters: Object.keys(made.parameters) },
  });
}

/** @throws INVALID_INPUT that names size and bound. */
function checkSize(parameters: Record<string, unknown>): void {
  const bytes = Buffer.byteLength(JSON.stringify(parameters));
  if (bytes <= PARAMETERS_MAX_BYTES) return;
  throw invalidInput([
    {
      field: 'parameters',
      expected: `at most ${PARAMETERS_MAX_BYTES} bytes of JSON (pass large data by reference)`,
      received: `${bytes} bytes`,
    },
  ]);
}
