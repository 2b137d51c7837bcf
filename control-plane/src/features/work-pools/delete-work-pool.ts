/**
 * Deleting a pool. Refused while an agent holds one of its runs; its agents are revoked, its deployments stay without a
 * pool, and their waiting runs wait and say so until the deployment is deployed to another pool.
 */
import { type Audited, audited } from '../../platform/audit.ts';
import { notFound, preconditionFailed } from '../../platform/errors.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { lockPool, readPool, settingsOf, tellLive } from './service.ts';
import { findPoolRow } from './store.ts';

export async function deleteWorkPool(ctx: CommandCtx, input: { pool: string }): Promise<Audited<{ deleted: true }>> {
  const row = await findPoolRow(ctx.tx, ctx.workspace.id, input.pool);
  if (!row) throw notFound('work pool', input.pool);
  await lockPool(ctx.tx, row.id, input.pool);
  // A claim locks its agent's row first: with these held, no run of the pool is given out any more.
  const agents = await sqlOfTx(ctx.tx).query<{ public_key: string; revoked_at: Date | null }>(
    'SELECT public_key, revoked_at FROM agent WHERE pool_id = $1::uuid ORDER BY id FOR UPDATE',
    [row.id],
  );
  const held = await ctx.tx.holder.count({ where: { poolId: row.id } });
  if (held > 0) {
    throw preconditionFailed(
      `Work pool "${row.name}" still executes ${held} ${held === 1 ? 'run' : 'runs'}: wait for them or cancel them first.`,
      { held },
    );
  }
  const before = settingsOf(await readPool(ctx, row.id));
  // Before the commit: if NATS is away, nothing is deleted and the request may be repeated.
  for (const agent of agents) {
    if (agent.revoked_at === null) await ctx.credentials.revokeAgent(ctx.workspace.id, agent.public_key);
  }
  await ctx.tx.workPool.delete({ where: { id: row.id } });
  tellLive(ctx, row.id);
  return audited({ deleted: true as const }, { target: { kind: 'work-pool', id: row.id }, before, after: null });
}
