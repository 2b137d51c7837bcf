/**
 * Deleting a pool. Refused while an agent holds one of its runs; its agents are revoked, its deployments stay without a
 * pool, and their waiting runs wait and say so until the deployment is deployed to another pool.
 */
import { type Audited, audited } from '../../platform/audit.ts';
import { notFound, preconditionFailed } from '../../platform/errors.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { lockPool, readPool, settingsOf, tellLive } from './service.ts';
import { findPoolRow } from './store/pools.ts';

export async function deleteWorkPool(ctx: CommandCtx, input: { pool: string }): Promise<Audited<{ deleted: true }>> {
  const row = await findPoolRow(ctx.tx, ctx.workspace.id, input.pool);
  if (!row) throw notFound('work pool', input.pool);
  // Claims take the pool's lock: from here on none of its runs is given out.
  await lockPool(ctx.tx, row.id, input.pool);
  const held = await ctx.tx.holder.count({ where: { poolId: row.id } });
  if (held > 0) {
    throw preconditionFailed(`Work pool "${row.name}" still executes ${held} ${held === 1 ? 'run' : 'runs'}: wait or cancel first.`, {
      held,
    });
  }
  const before = settingsOf(await readPool(ctx, row.id));
  // Before the commit: if NATS is away, nothing is deleted and the request may be repeated.
  const agents = await ctx.tx.agent.findMany({ where: { poolId: row.id, revokedAt: null }, select: { publicKey: true } });
  for (const agent of agents) await ctx.credentials.revokeAgent(ctx.workspace.id, agent.publicKey);
  await ctx.tx.workPool.delete({ where: { id: row.id } });
  // Once more: credentials may have been renewed until now.
  for (const agent of agents) ctx.afterCommit(() => ctx.credentials.revokeAgent(ctx.workspace.id, agent.publicKey));
  tellLive(ctx, row.id);
  return audited({ deleted: true as const }, { target: { kind: 'work-pool', id: row.id }, before, after: null });
}
