/** Pools and queues, paused and resumed as by hand. */
import { isId, toUuid } from '@signalbox/proto';
import { notFound } from '../../../platform/errors.ts';
import type { CommandCtx } from '../../../platform/services.ts';
import { pauseWorkPool, pauseWorkQueue, resumeWorkPool, resumeWorkQueue } from '../../work-pools/index.ts';
import { type Fired, type InsideKind, type Reference, targetOf } from './action-kind.ts';

type QueueRef = { pool?: string | undefined; queue?: string | undefined };

const ofPool = (how: 'pause' | 'resume', verb: typeof pauseWorkPool): InsideKind<{ pool?: string | undefined }> => ({
  scope: 'pools:operate',
  audit: `work-pool.${how}`,
  references: ({ pool }): Reference[] => (pool === undefined ? [] : [{ field: 'pool', kind: 'work-pool', ref: pool }]),
  async inside(ctx, action, fired) {
    const { output, facts } = await verb(ctx, { pool: targetOf('work-pool', action.pool, fired) });
    return { outcome: { message: `${how}d pool ${output.name}`, target: { kind: 'work-pool', id: output.id } }, facts };
  },
});
export const pauseWorkPoolKind = ofPool('pause', pauseWorkPool);
export const resumeWorkPoolKind = ofPool('resume', resumeWorkPool);

const ofQueue = (how: 'pause' | 'resume', verb: typeof pauseWorkQueue): InsideKind<QueueRef> => ({
  scope: 'pools:operate',
  audit: `work-queue.${how}`,
  references: ({ pool, queue }): Reference[] => [
    ...(pool === undefined ? [] : [{ field: 'pool', kind: 'work-pool' as const, ref: pool }]),
    ...(queue === undefined ? [] : [{ field: 'queue', kind: 'work-queue' as const, ref: queue, pool }]),
  ],
  async inside(ctx, action, fired) {
    const { id, pool, name } = await findQueue(ctx, action, fired);
    const { facts } = await verb(ctx, { pool, name });
    return { outcome: { message: `${how}d queue ${pool}/${name}`, target: { kind: 'work-queue', id } }, facts };
  },
});
export const pauseWorkQueueKind = ofQueue('pause', pauseWorkQueue);
export const resumeWorkQueueKind = ofQueue('resume', resumeWorkQueue);

/** By id, or by name in the pool that is named or that the event is about. */
async function findQueue(ctx: CommandCtx, action: QueueRef, fired: Fired): Promise<{ id: string; pool: string; name: string }> {
  const ref = targetOf('work-queue', action.queue, fired);
  const workspaceId = ctx.workspace.id;
  const select = { id: true, name: true, pool: { select: { name: true } } } as const;
  const pool = isId('workQueue', ref) ? null : targetOf('work-pool', action.pool, fired);
  const row = await ctx.tx.workQueue.findFirst({
    where: isId('workQueue', ref)
      ? { workspaceId, id: toUuid('workQueue', ref) }
      : { workspaceId, name: ref, pool: pool && isId('workPool', pool) ? { id: toUuid('workPool', pool) } : { name: pool ?? '' } },
    select,
  });
  if (!row) throw notFound('work queue', ref);
  return { id: row.id, pool: row.pool.name, name: row.name };
}
