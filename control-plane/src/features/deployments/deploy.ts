/**
 * What code says about a deployment, written down. A second deploy of the same flow and name updates it, tells what
 * differs, and leaves what people set alone: the overlay, schedules switched off. A version row is made only when
 * something of the code differs: runs are pinned to versions.
 */
import { toId, uuidv7 } from '@signalbox/proto';
import { type CodeLayer, type deployInput, type deployReplySchema, FIELD_NAMES } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import type { Tx } from '../../platform/db.ts';
import { notFound } from '../../platform/errors.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { scheduleRowsForDeploy } from '../schedules/index.ts';
import { changesBetween, describeChange, withHiding } from './changes.ts';
import { checkDeployInput, warningsOf } from './check-deploy.ts';
import { type CodeVersion, insertVersion, readCurrentVersion } from './layers-store.ts';
import { materialize } from './materialize.ts';
import { deployParts } from './parts.ts';
import { holdPool } from './place.ts';
import { tellAbout } from './service.ts';
import { lockDeployment, readDeployment } from './store.ts';
import { ensureFlow, insertDeployment, setKind } from './write-store.ts';

type Input = z.output<typeof deployInput>;
type Reply = z.output<typeof deployReplySchema>;

export async function deploy(ctx: CommandCtx, input: Input): Promise<Audited<Reply>> {
  const { tx } = ctx;
  const workspaceId = ctx.workspace.id;
  const code = codeOf(input);
  // Ahead of the deployment: pool, then limits, is the lock order everywhere.
  const pool = await holdPool(ctx, input.pool, input.queue ?? 'default');
  await checkDeployInput(input, pool);
  const flowId = await ensureFlow(tx, workspaceId, input.flow);
  const { id, created } = await ensureDeployment(tx, workspaceId, flowId, input);

  const before = created ? null : await readCurrentVersion(tx, id);
  const after = { digest: input.digest, source: input.source, code };
  const changes = before ? changesBetween(before, after) : [];
  const versionId = before && changes.length === 0 ? before.id : await addVersion(ctx, id, after);
  const { values, overlay } = await materialize(tx, { workspaceId, id, versionId }, 'current');
  const schedules = await scheduleRowsForDeploy(tx, { workspaceId, deploymentId: id, schedules: input.schedules });
  const owned = await deployParts(ctx, { deploymentId: id, created, input });
  const warnings = await warningsOf(values, overlay);

  const deployment = await readDeployment(ctx.sql, workspaceId, { id });
  if (!deployment) throw notFound('deployment', toId('deployment', id));
  tellAbout(ctx, deployment);
  const reply: Reply = {
    deployment,
    created,
    diff: withHiding(changes, overlay),
    schedules,
    owned,
    changes: created ? [] : [...changes.map(describeChange), ...schedules, ...owned],
    warnings,
  };
  return audited(reply, {
    target: { kind: 'deployment', id },
    before: before && { digest: before.digest },
    after: { flow: input.flow, name: input.name, digest: input.digest, changes: reply.changes },
  });
}

/** Fields that code names, as they come back from the database: without what JSON cannot say. */
function codeOf(input: Input): CodeLayer {
  const fields: Readonly<Record<string, unknown>> = input;
  const named = FIELD_NAMES.filter((field) => fields[field] !== undefined).map((field) => [field, fields[field]]);
  return JSON.parse(JSON.stringify(Object.fromEntries(named))) as CodeLayer;
}

/** Made, or found and locked: of two first deploys the unique index lets one make it, and the other updates. */
async function ensureDeployment(
  tx: Tx,
  workspaceId: string,
  flowId: string,
  { name, kind }: Input,
): Promise<{ id: string; created: boolean }> {
  const [id, versionId] = [uuidv7(Date.now()), uuidv7(Date.now())];
  if (await insertDeployment(tx, { id, workspaceId, flowId, versionId, name, kind })) return { id, created: true };
  const found = await tx.deployment.findUnique({ where: { flowId_name: { flowId, name } }, select: { id: true } });
  if (!found || !(await lockDeployment(tx, found.id))) throw notFound('deployment', name);
  await setKind(tx, found.id, kind);
  return { id: found.id, created: false };
}

async function addVersion(ctx: CommandCtx, deploymentId: string, after: Omit<CodeVersion, 'id' | 'number'>): Promise<string> {
  const id = uuidv7(Date.now());
  const { actor } = ctx;
  const deployedBy = actor.kind === 'user' ? actor.email : actor.name;
  await insertVersion(ctx.tx, { ...after, id, deploymentId, workspaceId: ctx.workspace.id, deployedBy });
  return id;
}
