/** Deleting a run that has ended, with all that hangs on it. Its audit rows stay. */
import { toUuid } from '@signalbox/proto';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, notFound, preconditionFailed } from '../../platform/errors.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { deleteRecords } from './delete-records.ts';
import { readSummary } from './read-summaries.ts';

/** @throws CONFLICT when it has not ended: cancel it first; PRECONDITION_FAILED while a legal hold keeps it. */
export async function deleteRun(ctx: CommandCtx, input: { run: string }): Promise<Audited<{ deleted: true }>> {
  const workspaceId = ctx.workspace.id;
  const runId = toUuid('run', input.run);
  const before = await readSummary(ctx, runId);
  const { deleted, live, held } = await deleteRecords(sqlOfTx(ctx.tx), workspaceId, [runId]);
  if (live.length > 0) throw conflict(`${input.run} has not ended (${before.state.name}): cancel it first.`, { run: input.run });
  if (held.length > 0) throw preconditionFailed(`${input.run} is under legal hold: release the hold first.`, { run: input.run });
  if (deleted.length === 0) throw notFound('run', input.run);
  const { name, state } = before;
  ctx.afterCommit(() => ctx.bus.live(workspaceId, { kind: 'run', id: input.run, what: ['state'] }));
  return audited({ deleted: true as const }, { target: { kind: 'run', id: runId }, before: { name, state: state.name }, after: null });
}
