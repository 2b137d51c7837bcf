/** Queues of a pool: made, changed, moved, paused and deleted, always with the pool's row locked, so that priorities stay whole. */
import { toId, uuidv7 } from '@signalbox/proto';
import type { moveWorkQueueInput, upsertWorkQueueInput, WorkPool } from '@signalbox/proto/api';
import type { z } from 'zod';
import { partsOfKey } from '../../domain/rules/key-template.ts';
import { moveQueue, placeQueue } from '../../domain/rules/queue-order.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import { notFound, preconditionFailed } from '../../platform/errors.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { lockPoolByRef, readPool, tellLive } from './service.ts';
import { countInQueue, emptyQueueInto, listQueues, type QueueRow, writeFairness, writeOrder } from './store/queues.ts';

/** Made with every pool; a deployment that names no queue uses it. */
export const DEFAULT_QUEUE = 'default';
/** Live runs that a deleted queue may leave to the default one in one transaction. */
const MOVED_MAX = 10_000;

type Ref = { readonly pool: string; readonly name: string };
type Change = { readonly poolId: string; readonly queues: readonly QueueRow[]; readonly queue: QueueRow };

/** Makes a queue or changes the fields that are given; those left out stay. */
export async function upsertWorkQueue(ctx: CommandCtx, input: z.output<typeof upsertWorkQueueInput>): Promise<Audited<WorkPool>> {
  const { pool: ref, name, priority, fairBy, ...fields } = input;
  const poolId = await lockPoolByRef(ctx, ref);
  const queues = await listQueues(ctx.tx, poolId);
  const before = queues.find((queue) => queue.name === name) ?? null;
  const id = before?.id ?? uuidv7(Date.now());
  if (before) await ctx.tx.workQueue.update({ where: { id }, data: fields });
  else await ctx.tx.workQueue.create({ data: { id, workspaceId: ctx.workspace.id, poolId, name, priority: queues.length + 1, ...fields } });
  if (fairBy !== undefined && fairBy !== (before?.fairBy ?? null)) await orderBy(ctx, { id, name }, fairBy);
  if (priority !== undefined)
    await writeOrder(
      ctx.tx,
      poolId,
      placeQueue(
        queues.map((queue) => queue.id),
        id,
        priority,
      ),
    );
  return changed(ctx, poolId, { id, before });
}

/** From now on keys take turns, or no longer do; runs that wait get their places anew. */
async function orderBy(ctx: CommandCtx, queue: { id: string; name: string }, fairBy: string | null): Promise<void> {
  const { live } = await countInQueue(ctx.tx, ctx.workspace.id, queue.id, MOVED_MAX + 1);
  if (live > MOVED_MAX)
    throw preconditionFailed(`More than ${MOVED_MAX} runs wait in queue "${queue.name}", too many to be ordered anew: cancel some first.`);
  await writeFairness(ctx.tx, ctx.workspace.id, queue.id, fairBy, fairBy === null ? null : partsOfKey(fairBy));
}

/** One place up or down, or to a priority; the others make room. */
export async function moveWorkQueue(ctx: CommandCtx, input: z.output<typeof moveWorkQueueInput>): Promise<Audited<WorkPool>> {
  return changeQueue(ctx, input, async ({ poolId, queues, queue }) => {
    const ids = queues.map(({ id }) => id);
    const { to } = input;
    await writeOrder(ctx.tx, poolId, typeof to === 'number' ? placeQueue(ids, queue.id, to) : moveQueue(ids, queue.id, to));
  });
}

/** Its runs wait and say so; those under way go on. */
export async function pauseWorkQueue(ctx: CommandCtx, input: Ref): Promise<Audited<WorkPool>> {
  return changeQueue(ctx, input, ({ queue }) => ctx.tx.workQueue.update({ where: { id: queue.id }, data: { paused: true } }));
}

export async function resumeWorkQueue(ctx: CommandCtx, input: Ref): Promise<Audited<WorkPool>> {
  return changeQueue(ctx, input, ({ queue }) => ctx.tx.workQueue.update({ where: { id: queue.id }, data: { paused: false } }));
}

/**
 * Its deployments and the runs that wait in it go to the default queue. Refused for the default queue, while one of its
 * runs is being executed, and while too many wait to be moved at once.
 */
export async function deleteWorkQueue(ctx: CommandCtx, input: Ref): Promise<Audited<WorkPool>> {
  return changeQueue(ctx, input, async ({ poolId, queues, queue }) => {
    const fallback = queues.find(({ name }) => name === DEFAULT_QUEUE);
    if (!fallback || fallback.id === queue.id)
      throw preconditionFailed(`Queue "${DEFAULT_QUEUE}" cannot be deleted: deployments that name no queue use it.`);
    const { held, live } = await countInQueue(ctx.tx, ctx.workspace.id, queue.id, MOVED_MAX + 1);
    if (held > 0) {
      const runs = `${held} ${held === 1 ? 'run' : 'runs'}`;
      throw preconditionFailed(`Queue "${queue.name}" still executes ${runs}: pause it and wait, or cancel first.`, { held });
    }
    if (live > MOVED_MAX)
      throw preconditionFailed(
        `More than ${MOVED_MAX} runs wait in queue "${queue.name}", too many to be moved at once: cancel some first.`,
      );
    await emptyQueueInto(ctx.tx, ctx.workspace.id, queue.id, fallback.id);
    await ctx.tx.workQueue.delete({ where: { id: queue.id } });
    await writeOrder(
      ctx.tx,
      poolId,
      queues.map(({ id }) => id).filter((id) => id !== queue.id),
    );
  });
}

async function changeQueue(ctx: CommandCtx, ref: Ref, change: (of: Change) => Promise<unknown>): Promise<Audited<WorkPool>> {
  const poolId = await lockPoolByRef(ctx, ref.pool);
  const queues = await listQueues(ctx.tx, poolId);
  const queue = queues.find(({ name }) => name === ref.name);
  if (!queue) throw notFound('work queue', `${ref.pool}/${ref.name}`);
  await change({ poolId, queues, queue });
  return changed(ctx, poolId, { id: queue.id, before: queue });
}

/** The pool as it is now. Whoever may go since the change is found by a claim: a lane that opened needs no waking. */
async function changed(ctx: CommandCtx, poolId: string, of: { id: string; before: QueueRow | null }): Promise<Audited<WorkPool>> {
  const pool = await readPool(ctx, poolId);
  const after = pool.queues.find((queue) => queue.id === toId('workQueue', of.id));
  tellLive(ctx, poolId);
  ctx.afterCommit(() => ctx.bus.nudge(ctx.workspace.id, poolId));
  return audited(pool, {
    target: { kind: 'work-queue', id: of.id },
    before: of.before && settings(of.before),
    after: after ? settings(after) : null,
  });
}

const settings = ({ name, priority, concurrencyLimit, paused, fairBy }: Omit<QueueRow, 'id'>) => ({
  name,
  priority,
  concurrencyLimit,
  paused,
  fairBy,
});
