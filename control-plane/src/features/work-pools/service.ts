/** Pools and their queues: where runs go, and how many at once. */
import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import type { createWorkPoolInput, listSlotsInput, SlotHolder, updateWorkPoolInput, WorkPool } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import type { Tx } from '../../platform/db.ts';
import { conflict, notFound } from '../../platform/errors.ts';
import { cursorUuid, type Page, pageOf } from '../../platform/pagination.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { findPoolRow, readPools } from './store/pools.ts';
import { listSlotHolders } from './store/slots.ts';

/** Made with every pool; a deployment that names no queue uses it. */
const DEFAULT_QUEUE = { name: 'default', priority: 1 };

export async function listWorkPools(ctx: Ctx, input: { cursor?: string | undefined; limit: number }): Promise<Page<WorkPool>> {
  const before = cursorUuid('workPool', input.cursor);
  const rows = await readPools(ctx.tx, { workspaceId: ctx.workspace.id, onlyId: null, before, limit: input.limit + 1 });
  return pageOf(
    'workPool',
    rows,
    input.limit,
    (row) => row.id,
    (row) => row.pool,
  );
}

export async function getWorkPool(ctx: Ctx, input: { pool: string }): Promise<WorkPool> {
  const row = await findPoolRow(ctx.tx, ctx.workspace.id, input.pool);
  if (!row) throw notFound('work pool', input.pool);
  return readPool(ctx, row.id);
}

export async function createWorkPool(ctx: CommandCtx, input: z.output<typeof createWorkPoolInput>): Promise<Audited<WorkPool>> {
  const { id, created } = await ensureWorkPool(ctx.tx, ctx.workspace.id, input);
  if (!created) throw conflict(`Work pool "${input.name}" exists already.`, { name: input.name });
  const pool = await readPool(ctx, id);
  tellLive(ctx, id);
  return audited(pool, { target: { kind: 'work-pool', id }, before: null, after: pool });
}

/** The pool of this name with its default queue, made if missing. */
export async function ensureWorkPool(
  tx: Pick<Tx, 'workPool' | 'workQueue'>,
  workspaceId: string,
  input: { name: string; launcher?: string; description?: string; concurrencyLimit?: number | null; costPerHour?: number | null },
): Promise<{ id: string; created: boolean }> {
  const id = uuidv7(Date.now());
  // The unique index decides between two that come at once.
  const { count } = await tx.workPool.createMany({ data: { ...input, id, workspaceId }, skipDuplicates: true });
  if (count === 0) {
    const found = await tx.workPool.findUniqueOrThrow({ where: { workspaceId_name: { workspaceId, name: input.name } } });
    return { id: found.id, created: false };
  }
  await tx.workQueue.create({ data: { id: uuidv7(Date.now()), workspaceId, poolId: id, ...DEFAULT_QUEUE } });
  return { id, created: true };
}

export async function updateWorkPool(ctx: CommandCtx, input: z.output<typeof updateWorkPoolInput>): Promise<Audited<WorkPool>> {
  const { pool: ref, ...changes } = input;
  return changePool(ctx, ref, (id) => ctx.tx.workPool.update({ where: { id }, data: changes }));
}

export async function pauseWorkPool(ctx: CommandCtx, input: { pool: string }): Promise<Audited<WorkPool>> {
  return changePool(ctx, input.pool, (id) => ctx.tx.workPool.update({ where: { id }, data: { paused: true } }));
}

export async function resumeWorkPool(ctx: CommandCtx, input: { pool: string }): Promise<Audited<WorkPool>> {
  return changePool(ctx, input.pool, (id) => ctx.tx.workPool.update({ where: { id }, data: { paused: false } }));
}

/** Who holds the slots of a pool, of one of its queues, or by one of its agents. */
export async function listSlots(ctx: Ctx, input: z.output<typeof listSlotsInput>): Promise<Page<SlotHolder>> {
  const pool = await findPoolRow(ctx.tx, ctx.workspace.id, input.pool);
  if (!pool) throw notFound('work pool', input.pool);
  const agentId = input.agent === undefined ? null : toUuid('agent', input.agent);
  const where = { workspaceId: ctx.workspace.id, poolId: pool.id, agentId };
  if (input.queue === undefined) return listSlotHolders(ctx.tx, { ...where, queueId: null }, input);
  const queue = await ctx.tx.workQueue.findUnique({ where: { poolId_name: { poolId: pool.id, name: input.queue } }, select: { id: true } });
  if (!queue) throw notFound('work queue', `${pool.name}/${input.queue}`);
  return listSlotHolders(ctx.tx, { ...where, queueId: queue.id }, input);
}

/** Locks the pool's row, changes it, and wakes whoever may go now: a limit raised or a pause ended frees waiters. */
async function changePool(ctx: CommandCtx, ref: string, change: (id: string) => Promise<unknown>): Promise<Audited<WorkPool>> {
  const id = await lockPoolByRef(ctx, ref);
  const before = await readPool(ctx, id);
  await change(id);
  const after = await readPool(ctx, id);
  tellLive(ctx, id);
  ctx.afterCommit(() => ctx.bus.nudge(ctx.workspace.id, id));
  return audited(after, { target: { kind: 'work-pool', id }, before: settingsOf(before), after: settingsOf(after) });
}

/** The pool of this name or id, its row locked. @throws NOT_FOUND. */
export async function lockPoolByRef(ctx: Ctx, ref: string): Promise<string> {
  const row = await findPoolRow(ctx.tx, ctx.workspace.id, ref);
  if (!row) throw notFound('work pool', ref);
  await lockPool(ctx.tx, row.id, ref);
  return row.id;
}

/** @throws NOT_FOUND when somebody deleted it a moment ago. */
export async function lockPool(tx: Tx, id: string, ref: string): Promise<void> {
  const rows = await sqlOfTx(tx).query('SELECT id FROM work_pool WHERE id = $1::uuid FOR UPDATE', [id]);
  if (rows.length === 0) throw notFound('work pool', ref);
}

/** What an operator set; occupancy and status do not belong into an audit row. */
export function settingsOf(pool: WorkPool): Partial<WorkPool> {
  const { name, launcher, description, concurrencyLimit, costPerHour, paused } = pool;
  return { name, launcher, description, concurrencyLimit, costPerHour, paused };
}

export async function readPool(ctx: Ctx, id: string): Promise<WorkPool> {
  const [row] = await readPools(ctx.tx, { workspaceId: ctx.workspace.id, onlyId: id, before: null, limit: 1 });
  if (!row) throw notFound('work pool', toId('workPool', id));
  return row.pool;
}

export function tellLive(ctx: CommandCtx, id: string): void {
  ctx.afterCommit(() => ctx.bus.live(ctx.workspace.id, { kind: 'pool', id: toId('workPool', id) }));
}
