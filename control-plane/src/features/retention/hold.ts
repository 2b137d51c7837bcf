/** Legal holds: what must not go while somebody has to answer for it. */
import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import type { LegalHold, placeHoldInput, releaseHoldInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, limitExceeded, notFound } from '../../platform/errors.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { countHoldsInForce, deploymentExists, insertHold, readHold, runExists, waitForDrops, writeRelease } from './store.ts';

/** In force at once, of one workspace. */
const MOST = 500;

/** From its answer on, nothing that it names goes. @throws NOT_FOUND for a deployment or run that is not there */
export async function placeHold(ctx: CommandCtx, input: z.output<typeof placeHoldInput>): Promise<Audited<LegalHold>> {
  const workspaceId = ctx.workspace.id;
  await waitForDrops(ctx.tx);
  if ((await countHoldsInForce(ctx.tx, workspaceId)) >= MOST) throw limitExceeded(`A workspace has at most ${MOST} legal holds in force.`);
  const deploymentId = input.deployment === undefined ? null : toUuid('deployment', input.deployment);
  const runId = input.run === undefined ? null : toUuid('run', input.run);
  if (deploymentId && !(await deploymentExists(ctx.tx, workspaceId, deploymentId))) throw notFound('deployment', input.deployment ?? '');
  if (runId && !(await runExists(ctx.tx, workspaceId, runId))) throw notFound('run', input.run ?? '');
  const id = uuidv7(Date.now());
  await insertHold(ctx.tx, { id, workspaceId, deploymentId, runId, reason: input.reason, createdBy: ctx.actor.name });
  const hold = await findOrThrow(ctx, id);
  return audited(hold, { target: { kind: 'legal-hold', id }, before: null, after: hold });
}

/** What it held goes when its time is over, which may be at once. @throws NOT_FOUND, CONFLICT when it is released already */
export async function releaseHold(ctx: CommandCtx, input: z.output<typeof releaseHoldInput>): Promise<Audited<LegalHold>> {
  const id = toUuid('legalHold', input.hold);
  const before = await findOrThrow(ctx, id);
  if (!(await writeRelease(ctx.tx, ctx.workspace.id, id, ctx.actor.name)))
    throw conflict(`${input.hold} was released by ${before.releasedBy} at ${before.releasedAt}.`, { hold: input.hold });
  const after = await findOrThrow(ctx, id);
  return audited(after, { target: { kind: 'legal-hold', id }, before, after });
}

async function findOrThrow(ctx: CommandCtx, id: string): Promise<LegalHold> {
  const hold = await readHold(ctx.tx, ctx.workspace.id, id);
  if (!hold) throw notFound('legal hold', toId('legalHold', id));
  return hold;
}
