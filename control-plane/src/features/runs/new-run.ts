/** What must be right of a run before anything is written, one by one or in bulk. */
import { openEnvelope, toId } from '@signalbox/proto';
import { RUN_VARIABLES_MAX_BYTES, type RunSummary } from '@signalbox/proto/api';
import { mergeVariables } from '../../domain/layers/resolve.ts';
import { forbidden, invalidInput, notFound, preconditionFailed } from '../../platform/errors.ts';
import { checkMany, sizeOfParameters } from '../../platform/parameter-schema.ts';
import type { SqlCommandCtx } from '../../platform/services.ts';
import type { Sql } from '../../platform/sql.ts';
import type { InsertedRun, NewRun } from '../dispatch/index.ts';
import { checkVariables } from '../work-pools/index.ts';
import { listQueueNames, lockDeploymentForRun, type RunDeployment, readVariablesBelow } from './store.ts';

/** Named in one refusal. */
const MAX_ISSUES = 20;

type Asked = {
  readonly name: string;
  readonly tags: readonly string[];
  readonly parameters: Record<string, unknown>;
  readonly variables?: Record<string, unknown> | undefined;
  readonly dueAt?: string | undefined;
  readonly queueId: string | null;
};

/** The deployment, held until the commit. @throws NOT_FOUND; PRECONDITION_FAILED when its pool was deleted. */
export function requireRunnable(ctx: SqlCommandCtx, ref: string): Promise<RunDeployment> {
  return requireRunnableIn(ctx.sql, ctx.workspace.id, ref);
}

/** The same outside of a command. */
export async function requireRunnableIn(sql: Sql, workspaceId: string, ref: string): Promise<RunDeployment> {
  const deployment = await lockDeploymentForRun(sql, workspaceId, ref);
  if (!deployment) throw notFound('deployment', ref);
  if (deployment.poolId) return deployment;
  throw preconditionFailed(
    `Deployment "${deployment.flow.name}/${deployment.name}" has no work pool: its pool was deleted. Deploy it to another pool first.`,
    { deployment: toId('deployment', deployment.id) },
  );
}

/** Given over defaults. @throws INVALID_INPUT that names field, value and what was expected, below `field`. */
export async function mergeParameters(
  deployment: RunDeployment,
  given: Record<string, unknown>,
  field: string,
): Promise<Record<string, unknown>> {
  const [parameters = {}] = await mergeManyParameters(deployment, [{ given, field }]);
  return parameters;
}

/** The same for many runs at once: one check of all, so that a slow schema is paid once. */
export async function mergeManyParameters(
  deployment: RunDeployment,
  asked: readonly { readonly given: Record<string, unknown>; readonly field: string }[],
): Promise<Record<string, unknown>[]> {
  const merged = asked.map(({ given, field }) => {
    const parameters = { ...deployment.parameters, ...given };
    checkSize(parameters, field);
    return parameters;
  });
  const found = await checkMany(deployment.parameterSchema, merged);
  const issues = found.flatMap((list, i) =>
    list.map((issue) => ({ ...issue, field: issue.field.replace(/^parameters/, asked[i]?.field ?? '') })),
  );
  if (issues.length > 0) throw invalidInput(issues.slice(0, MAX_ISSUES));
  return merged;
}

/**
 * What a run brings along for its job, laid over pool and deployment, must fit the pool's template.
 * @throws INVALID_INPUT that names the variable below `field`; FORBIDDEN: variables are as good as code.
 */
export async function checkRunVariables(ctx: SqlCommandCtx, deployment: RunDeployment, asked: readonly VariablesOf[]): Promise<void> {
  if (!deployment.hasTemplate && asked.every(({ variables }) => variables === undefined)) return;
  const scope = 'deployments:write';
  if (asked.some(({ variables }) => variables !== undefined) && !ctx.workspace.scopes.has(scope))
    throw forbidden(`Your role "${ctx.workspace.role}" may not give a run variables: that needs the scope ${scope}.`, { scope });
  const below = await readVariablesBelow(ctx.sql, deployment.id);
  if (!below) return;
  // Most runs of a batch bring the same, or nothing: each is checked once.
  const kinds = new Map(asked.map((each) => [JSON.stringify(each.variables ?? null), each]));
  for (const { variables, field } of kinds.values()) {
    const bytes = Buffer.byteLength(JSON.stringify(variables ?? {}));
    const expected = `at most ${RUN_VARIABLES_MAX_BYTES} bytes of JSON: every claim carries them`;
    if (bytes > RUN_VARIABLES_MAX_BYTES) throw invalidInput([{ field, expected, received: `${bytes} bytes` }]);
    const issues = await checkVariables(below.pool, mergeVariables(below.variables, variables), 'complete');
    if (issues.length > 0) throw invalidInput(issues.map((issue) => ({ ...issue, field: issue.field.replace(/^variables/, field) })));
  }
}

/**
 * A queue of the deployment's pool; null: none is asked for, and the run goes to the deployment's own.
 * @throws INVALID_INPUT that names the queues there are.
 */
export async function findQueueForRun(sql: Sql, deployment: RunDeployment, queue: string | undefined): Promise<string | null> {
  if (queue === undefined) return null;
  const queues = await listQueueNames(sql, deployment.poolId);
  const found = queues.find(({ name }) => name === queue);
  if (found) return found.id;
  const expected = `a queue of its work pool (${queues.map(({ name }) => name).join(', ')})`;
  throw invalidInput([{ field: 'queue', expected, received: JSON.stringify(queue) }]);
}

type VariablesOf = { readonly variables: Record<string, unknown> | undefined; readonly field: string };

/** @throws INVALID_INPUT that names size and bound. */
export function checkSize(parameters: Record<string, unknown>, field: string): void {
  const issues = sizeOfParameters(parameters, field);
  if (issues.length > 0) throw invalidInput(issues);
}

export function newRun(ctx: SqlCommandCtx, deployment: RunDeployment, asked: Asked, id?: string): NewRun {
  return {
    ...(id ? { id } : {}),
    workspaceId: ctx.workspace.id,
    deploymentId: deployment.id,
    name: asked.name,
    tags: [...new Set([...deployment.tags, ...asked.tags])],
    parameters: openEnvelope(asked.parameters, ctx.traceparent),
    variables: asked.variables ?? null,
    createdBy: ctx.origin,
    actorId: ctx.actor.id,
    dueAt: asked.dueAt ? new Date(asked.dueAt) : null,
    queueId: asked.queueId,
  };
}

/** The summary of a run that was inserted a moment ago, without reading it again. */
export function showNewRun(asked: NewRun, row: InsertedRun, deployment: RunDeployment): RunSummary {
  const at = row.createdAt.toISOString();
  return {
    id: toId('run', row.id),
    name: asked.name,
    kind: deployment.kind,
    flow: { id: toId('flow', deployment.flow.id), name: deployment.flow.name },
    deployment: { id: toId('deployment', deployment.id), name: deployment.name },
    state: { type: 'SCHEDULED', name: 'Scheduled', at },
    late: false,
    tags: [...(asked.tags ?? [])],
    createdBy: asked.createdBy,
    attempt: 1,
    createdAt: at,
    dueAt: row.dueAt.toISOString(),
    startedAt: null,
    endedAt: null,
    durationMs: null,
  };
}
