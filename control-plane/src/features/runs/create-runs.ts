/** Many runs of one deployment in one transaction: all or none. */
import { toId } from '@signalbox/proto';
import type { createdRunsSchema, createRunsInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { friendlyRunName } from '../../domain/run-name.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import type { SqlCommandCtx } from '../../platform/services.ts';
import { requireUsage } from '../../platform/usage.ts';
import { afterCommit, effectsOfInsert, insertRuns } from '../dispatch/index.ts';
import { checkRunVariables, findQueueForRun, mergeManyParameters, newRun, requireRunnable } from './new-run.ts';

type Input = z.output<typeof createRunsInput>;

export async function createRuns(ctx: SqlCommandCtx, input: Input): Promise<Audited<z.output<typeof createdRunsSchema>>> {
  const deployment = await requireRunnable(ctx, input.deployment);
  const merged = await mergeManyParameters(
    deployment,
    input.runs.map((run, index) => ({ given: run.parameters, field: `runs.${index}.parameters` })),
  );
  await checkRunVariables(
    ctx,
    deployment,
    input.runs.map(({ variables }, index) => ({ variables, field: `runs.${index}.variables` })),
  );
  const queueId = await findQueueForRun(ctx.sql, deployment, input.queue);
  requireUsage(ctx.usage, ctx.workspace.id, 'runs', input.runs.length);
  const asked = input.runs.map((run, index) => ({
    ...run,
    name: run.name ?? friendlyRunName(Math.random),
    parameters: merged[index] ?? {},
    queueId,
  }));
  const inserted = await insertRuns(
    ctx.sql,
    asked.map((run) => newRun(ctx, deployment, run)),
  );
  ctx.afterCommit(() => afterCommit(ctx, effectsOfInsert(inserted)));
  return audited(
    { runs: inserted.map(({ id }) => toId('run', id)) },
    {
      target: { kind: 'deployment', id: deployment.id },
      before: null,
      after: { runs: inserted.length, first: inserted[0]?.id, deployment: `${deployment.flow.name}/${deployment.name}` },
    },
  );
}
