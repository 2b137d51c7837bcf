/** Pause, resume and stop. Each waits for the batch that is under way; what was done stays done. */
import { toId, toUuid } from '@signalbox/proto';
import type { BulkAction, BulkJob, BulkStatus } from '@signalbox/proto/api';
import type { Scope } from '../../domain/permissions.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, forbidden, notFound } from '../../platform/errors.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { lockJob, showJob } from './store.ts';

const SCOPE: Readonly<Record<BulkAction, Scope>> = {
  cancel: 'runs:cancel',
  retry: 'runs:retry',
  delete: 'runs:delete',
  'set-state': 'runs:set-state',
};

export const pauseJob = (ctx: CommandCtx, input: { job: string }) => steer(ctx, input.job, 'pause', ['running'], 'paused');
export const stopJob = (ctx: CommandCtx, input: { job: string }) => steer(ctx, input.job, 'stop', ['running', 'paused'], 'cancelled');
export const resumeJob = (ctx: CommandCtx, input: { job: string }) => steer(ctx, input.job, 'resume', ['paused', 'failed'], 'running');

/** @throws CONFLICT in a status that does not allow it; FORBIDDEN to resume what one could not start. */
async function steer(ctx: CommandCtx, job: string, verb: string, from: readonly BulkStatus[], to: BulkStatus): Promise<Audited<BulkJob>> {
  const id = toUuid('bulkJob', job);
  const row = await lockJob(ctx.tx, ctx.workspace.id, id);
  if (!row) throw notFound('job', job);
  const scope = SCOPE[row.action as BulkAction];
  if (to === 'running' && !ctx.workspace.scopes.has(scope))
    throw forbidden(`Your role "${ctx.workspace.role}" in workspace "${ctx.workspace.slug}" lacks the scope ${scope}.`, { scope });
  // Asked for twice, answered as it is.
  if (row.status !== to && !from.includes(row.status as BulkStatus))
    throw conflict(`${job} is ${row.status}: it cannot ${verb} now.`, { job });
  const isOver = to === 'cancelled';
  const after = await ctx.tx.bulkJob.update({
    where: { id },
    data: {
      status: to,
      updatedAt: new Date(),
      ...(isOver ? { endedAt: row.endedAt ?? new Date() } : { endedAt: null, problem: null, failuresInRow: 0 }),
    },
  });
  ctx.afterCommit(() => ctx.bus.live(ctx.workspace.id, { kind: 'bulk', id: toId('bulkJob', id) }));
  return audited(showJob(after), {
    target: { kind: 'bulk-job', id },
    before: { status: row.status },
    after: { status: to, done: after.done, failed: after.failed },
  });
}
