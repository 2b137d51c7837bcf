/**
 * What code says about a deployment, written down. A second deploy of the same flow and name updates it, prints what
 * differs, and leaves what people set (paused, schedules switched off) alone. A version row is made only when digest,
 * source or configuration differ: runs are pinned to versions.
 */
import { isDeepStrictEqual } from 'node:util';
import { toId, uuidv7 } from '@signalbox/proto';
import type { deployInput, deployReplySchema } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import type { Tx } from '../../platform/db.ts';
import { invalidInput, notFound, preconditionFailed } from '../../platform/errors.ts';
import { checkDefaults, checkMany, checkSchema } from '../../platform/parameter-schema.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { scheduleRowsForDeploy } from '../schedules/index.ts';
import { findPoolRow } from '../work-pools/index.ts';
import { changesBetween } from './changes.ts';
import { tellAbout } from './service.ts';
import { lockDeployment, type Place, readDeployment, readVersion, type Version } from './store.ts';
import { adoptOrphans, ensureFlow, insertDeployment, insertVersion, updateDeployment } from './write-store.ts';

type Input = z.output<typeof deployInput>;
type Reply = z.output<typeof deployReplySchema>;

/** TERM, then this long, then KILL. */
const GRACE_MS = 30_000;
/** How long the process launcher may take to start a run. */
const START_TIMEOUT_MS = 60_000;
/** They travel with every claim, whose answer is one message. */
const VARIABLES_MAX_BYTES = 64 * 1024;

export async function deploy(ctx: CommandCtx, input: Input): Promise<Audited<Reply>> {
  await checkInput(input);
  const { tx } = ctx;
  const workspaceId = ctx.workspace.id;
  const place = await placeOf(ctx, input);
  const flowId = await ensureFlow(tx, workspaceId, input.flow);
  const { id, created } = await ensureDeployment(tx, workspaceId, flowId, input, place);

  const before = created ? null : await readDeployment(tx, workspaceId, id);
  const changes = before ? await update(tx, { id, workspaceId, input, place, before }) : [];
  const scheduleChanges = await scheduleRowsForDeploy(tx, { workspaceId, deploymentId: id, schedules: input.schedules });
  if (before && before.pool === null) await adoptOrphans(tx, workspaceId, id, place);

  const deployment = await readDeployment(tx, workspaceId, id);
  if (!deployment) throw notFound('deployment', toId('deployment', id));
  tellAbout(ctx, deployment);
  const reply: Reply = { deployment, created, changes: created ? [] : [...changes, ...scheduleChanges] };
  return audited(reply, {
    target: { kind: 'deployment', id },
    before: before && { digest: before.digest },
    after: { flow: input.flow, name: input.name, digest: input.digest, changes: reply.changes },
  });
}

/** @throws INVALID_INPUT for variables above the bound, a schema that does not compile and parameters that break it. */
async function checkInput(input: Input): Promise<void> {
  const { parameterSchema: schema, parameters, variables } = input;
  const bytes = Buffer.byteLength(JSON.stringify(variables));
  if (bytes > VARIABLES_MAX_BYTES)
    throw invalidInput([{ field: 'variables', expected: `at most ${VARIABLES_MAX_BYTES} bytes of JSON`, received: `${bytes} bytes` }]);
  const issues = schema ? await checkSchema(schema) : [];
  if (issues.length > 0) throw invalidInput(issues);
  const schedules = input.schedules ?? [];
  const found = await checkMany(
    schema,
    schedules.map((schedule) => ({ ...parameters, ...schedule.parameters })),
  );
  const broken = [
    ...(await checkDefaults(schema, parameters)),
    ...found.flatMap((list, i) => list.map((issue) => ({ ...issue, field: `schedules.${i}.${issue.field}` }))),
  ];
  if (broken.length > 0) throw invalidInput(broken);
}

/** The pool is held against a delete, ahead of the deployment: pool, then limits, is the lock order everywhere. @throws PRECONDITION_FAILED that names the pool or queue. */
async function placeOf(ctx: CommandCtx, input: Input): Promise<Place> {
  const pool = await findPoolRow(ctx.tx, ctx.workspace.id, input.pool);
  const held = pool && (await ctx.tx.$queryRaw<unknown[]>`SELECT 1 FROM work_pool WHERE id = ${pool.id}::uuid FOR KEY SHARE`);
  if (!pool || held?.length === 0) {
    throw preconditionFailed(`Work pool "${input.pool}" does not exist in workspace "${ctx.workspace.slug}": make it first, then deploy.`, {
      pool: input.pool,
    });
  }
  const queue = await ctx.tx.workQueue.findUnique({ where: { poolId_name: { poolId: pool.id, name: input.queue } } });
  if (!queue)
    throw preconditionFailed(`Work pool "${pool.name}" has no queue "${input.queue}": make it first, then deploy.`, {
      pool: pool.name,
      queue: input.queue,
    });
  return { poolId: pool.id, queueId: queue.id };
}

/** Made, or found and locked: of two first deploys the unique index lets one make it, and the other updates. */
async function ensureDeployment(
  tx: Tx,
  workspaceId: string,
  flowId: string,
  input: Input,
  place: Place,
): Promise<{ id: string; created: boolean }> {
  const [id, versionId] = [uuidv7(Date.now()), uuidv7(Date.now())];
  if (await insertDeployment(tx, { id, workspaceId, flowId, versionId, name: input.name }, input, place)) {
    await insertVersion(tx, { id: versionId, workspaceId, deploymentId: id }, versionOf(input));
    return { id, created: true };
  }
  const found = await tx.deployment.findUnique({ where: { flowId_name: { flowId, name: input.name } }, select: { id: true } });
  if (!found || !(await lockDeployment(tx, found.id))) throw notFound('deployment', `${input.flow}/${input.name}`);
  return { id: found.id, created: false };
}

type Update = { id: string; workspaceId: string; input: Input; place: Place; before: Reply['deployment'] };

async function update(tx: Tx, { id, workspaceId, input, place, before }: Update): Promise<string[]> {
  const { versionId } = await tx.deployment.findUniqueOrThrow({ where: { id }, select: { versionId: true } });
  const stored = await readVersion(tx, versionId);
  const wanted = versionOf(input);
  const changes = changesBetween(before, stored, input, wanted);
  if (changes.length === 0) return [];
  let newVersionId = versionId;
  if (!isDeepStrictEqual(stored, wanted)) {
    newVersionId = uuidv7(Date.now());
    await insertVersion(tx, { id: newVersionId, workspaceId, deploymentId: id }, wanted);
  }
  await updateDeployment(tx, { id, versionId: newVersionId }, input, place);
  return changes;
}

/** As it comes back from the database: without what JSON cannot say. */
function versionOf(input: Input): Version {
  const { retry, timeoutMs, isolation, variables, onLostAgent } = input;
  const config = { retry, timeoutMs, graceMs: GRACE_MS, startTimeoutMs: START_TIMEOUT_MS, isolation, variables, onLostAgent };
  return JSON.parse(JSON.stringify({ digest: input.digest, source: input.source, config })) as Version;
}
