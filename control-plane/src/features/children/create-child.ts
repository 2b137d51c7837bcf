/**
 * The run of a step. A step of the parent makes one run in all its attempts, unless that run did not complete and a later
 * attempt asks again, or what is asked for has changed, or the parent was retried from the start.
 */
import { openEnvelope, toId, toUuid, traceparentOf } from '@signalbox/proto';
import type { CreateChildOp, CreateChildReply } from '@signalbox/proto/messages';
import { friendlyRunName } from '../../domain/run-name.ts';
import { retried } from '../../platform/db.ts';
import { AppError, conflict, limitExceeded } from '../../platform/errors.ts';
import type { Sql } from '../../platform/sql.ts';
import { inWorkspaces } from '../../platform/transaction.ts';
import { requireUsage } from '../../platform/usage.ts';
import type { Caller, CallsCtx } from '../calls/index.ts';
import { type AfterCommit, afterCommit, effectsOfInsert, insertRuns, newRunIds } from '../dispatch/index.ts';
import { canonical, checkSize, claimKey, findQueueForRun, hashBody, mergeParameters, requireRunnableIn } from '../runs/index.ts';
import { findChildOfStep, type MadeBefore, takeUpAgain } from './store/children.ts';
import { lockParent, markParent, type Parent } from './store/parent.ts';

/** Ancestors a run may have: a flow that runs itself for ever is stopped here. */
export const MAX_DEPTH = 20;

type Deployment = Awaited<ReturnType<typeof requireRunnableIn>>;
type Made = { readonly reply: CreateChildReply; readonly effects: readonly AfterCommit[] };

export async function createChild(ctx: CallsCtx, caller: Caller, op: CreateChildOp): Promise<CreateChildReply> {
  checkSize(op.parameters, 'parameters');
  const { reply, effects } = await retried(() =>
    inWorkspaces(ctx.db.reportSql, [caller.workspaceId], (sql) => findOrMake(ctx, sql, caller, op)),
  );
  void afterCommit(ctx, effects);
  return reply;
}

/** Lock order: the deployment, then runs, the parent before the child. */
async function findOrMake(ctx: CallsCtx, sql: Sql, caller: Caller, op: CreateChildOp): Promise<Made> {
  const deployment = await requireRunnableIn(sql, caller.workspaceId, op.deployment).catch((error: unknown) => {
    // Agents repeat what "may pass"; a pool that was deleted does not come back by itself.
    throw error instanceof AppError && error.code === 'PRECONDITION_FAILED' ? conflict(error.message) : error;
  });
  const parameters = await mergeParameters(deployment, op.parameters, 'parameters');
  const queueId = await findQueueForRun(sql, deployment, op.queue);
  const parent = await lockParent(sql, caller);
  if (parent.depth >= MAX_DEPTH) {
    throw limitExceeded(
      `${toId('run', caller.runId)} has ${parent.depth} ancestors: a run has at most ${MAX_DEPTH}. Does a flow run itself?`,
    );
  }
  await markParent(sql, caller.runId);
  const before = await findChildOfStep(sql, caller.runId, op.step);
  const replaces = op.replaces ? toUuid('run', op.replaces) : null;
  if (before && isStillMeant(before, { caller, parent, deployment, parameters, replaces })) {
    if (before.endedAs === null) await takeUpAgain(sql, before.runId, caller.runId, op.onParentEnd);
    return { reply: { run: toId('run', before.runId), runName: before.name, isNew: false }, effects: [] };
  }
  requireUsage(ctx.usage, caller.workspaceId, 'runs', 1);
  return make(sql, caller, op, { parent, deployment, parameters, queueId });
}

function isStillMeant(
  before: MadeBefore,
  now: { caller: Caller; parent: Parent; deployment: Deployment; parameters: Record<string, unknown>; replaces: string | null },
): boolean {
  if (before.parentEpoch < now.parent.replayFloor || before.deploymentId !== now.deployment.id) return false;
  if (canonical(before.parameters.body) !== canonical(now.parameters)) return false;
  const isOfThisAttempt = before.parentEpoch === now.caller.epoch && before.runId !== now.replaces;
  return isOfThisAttempt || before.endedAs === null || before.endedAs === 'COMPLETED';
}

async function make(
  sql: Sql,
  caller: Caller,
  op: CreateChildOp,
  {
    parent,
    deployment,
    parameters,
    queueId,
  }: { parent: Parent; deployment: Deployment; parameters: Record<string, unknown>; queueId: string | null },
): Promise<Made> {
  const [id = ''] = await newRunIds(sql, 1);
  const name = op.runName ?? friendlyRunName(Math.random);
  if (op.idempotencyKey) {
    const bodyHash = hashBody({ parameters: op.parameters, name: op.runName, tags: op.tags, dueAt: op.dueAt, queue: op.queue });
    const claim = { workspaceId: caller.workspaceId, deploymentId: deployment.id, key: op.idempotencyKey, bodyHash, runId: id };
    const madeBefore = await claimKey(sql, claim, parent.retentionClass);
    if (madeBefore) return { reply: { run: toId('run', madeBefore), runName: await nameOf(sql, madeBefore), isNew: false }, effects: [] };
  }
  const inserted = await insertRuns(sql, [
    {
      id,
      workspaceId: caller.workspaceId,
      deploymentId: deployment.id,
      name,
      tags: [...new Set([...deployment.tags, ...op.tags])],
      parameters: openEnvelope(parameters, traceparentOf(op.traceparent)),
      createdBy: 'flow',
      dueAt: op.dueAt ? new Date(op.dueAt) : null,
      queueId,
      parent: {
        runId: caller.runId,
        epoch: caller.epoch,
        ordinal: op.ordinal,
        step: op.step,
        depth: parent.depth + 1,
        onEnd: op.onParentEnd,
      },
    },
  ]);
  return { reply: { run: toId('run', id), runName: name, isNew: true }, effects: effectsOfInsert(inserted) };
}

async function nameOf(sql: Sql, runId: string): Promise<string> {
  const [row] = await sql.query<{ name: string }>('SELECT name FROM run WHERE id = $1::uuid', [runId]);
  return row?.name ?? '(deleted)';
}
