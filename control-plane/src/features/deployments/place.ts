/** Where a deployment's runs go: checked before it is written, with the pool held against a delete. */
import type { PoolTemplate } from '@signalbox/proto/api';
import { preconditionFailed } from '../../platform/errors.ts';
import type { Ctx } from '../../platform/services.ts';
import { findPoolRow } from '../work-pools/index.ts';

export type HeldPool = { readonly id: string; readonly name: string; readonly launcher: string; readonly template: PoolTemplate | null };

/** The pool, held until the commit. `then` ends the advice of its errors. @throws PRECONDITION_FAILED that names the pool or queue. */
export async function holdPool(ctx: Ctx, name: string, queueName: string, then = ', then deploy'): Promise<HeldPool> {
  const pool = await findPoolRow(ctx.tx, ctx.workspace.id, name);
  const [held] = pool
    ? await ctx.tx.$queryRaw<
        { launcher: string; template: PoolTemplate | null }[]
      >`SELECT launcher, template FROM work_pool WHERE id = ${pool.id}::uuid FOR KEY SHARE`
    : [];
  if (!pool || !held) {
    throw preconditionFailed(`Work pool "${name}" does not exist in workspace "${ctx.workspace.slug}": make it first${then}.`, {
      pool: name,
    });
  }
  const queue = await ctx.tx.workQueue.findUnique({ where: { poolId_name: { poolId: pool.id, name: queueName } } });
  if (!queue)
    throw preconditionFailed(`Work pool "${pool.name}" has no queue "${queueName}": make it first${then}.`, {
      pool: pool.name,
      queue: queueName,
    });
  return { id: pool.id, name: pool.name, ...held };
}
