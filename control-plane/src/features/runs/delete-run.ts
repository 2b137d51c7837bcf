/** Deleting a run that has ended, with all that hangs on it. Its audit rows stay. */
import { toUuid } from '@signalbox/proto';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, notFound } from '../../platform/errors.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { readSummary } from './read-summaries.ts';
import { lockRecord } from './store.ts';

/** @throws CONFLICT when it has not ended: cancel it first. */
export async function deleteRun(ctx: CommandCtx, input: { run: string }): Promise<Audited<{ deleted: true }>> {
  const { tx } = ctx;
  const workspaceId = ctx.workspace.id;
  const runId = toUuid('run', input.run);
  const record = await lockRecord(tx, workspaceId, runId);
  if (!record) throw notFound('run', input.run);
  const before = await readSummary(ctx, runId);
  if (record.endedAs === null) throw conflict(`${input.run} has not ended (${before.state.name}): cancel it first.`, { run: input.run });

  // Each by its primary key within one leaf. A retry waits on the record's row and then finds no run.
  const where = { retentionClass: record.retentionClass, runId };
  await tx.artifact.deleteMany({ where });
  await tx.log.deleteMany({ where });
  await tx.taskRun.deleteMany({ where });
  await tx.attempt.deleteMany({ where });
  await tx.runPause.deleteMany({ where });
  await tx.idempotencyKey.deleteMany({ where: { workspaceId, deploymentId: record.deploymentId, runId } });
  await tx.run.deleteMany({ where: { retentionClass: record.retentionClass, id: runId } });
  const { name, state } = before;
  ctx.afterCommit(() => ctx.bus.live(workspaceId, { kind: 'run', id: input.run, what: ['state'] }));
  return audited({ deleted: true as const }, { target: { kind: 'run', id: runId }, before: { name, state: state.name }, after: null });
}
