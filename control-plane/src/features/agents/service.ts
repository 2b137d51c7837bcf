/** Agents as people steer them: look, drain, quarantine, revoke. */
import { toId, toUuid } from '@signalbox/proto';
import type { Agent, listAgentsInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { notFound, preconditionFailed } from '../../platform/errors.ts';
import { cursorUuid, type Page, pageOf } from '../../platform/pagination.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { afterCommit, transitionRuns } from '../dispatch/index.ts';
import { findPoolRow } from '../work-pools/index.ts';
import { readAgents } from './store.ts';

export async function listAgents(ctx: Ctx, input: z.output<typeof listAgentsInput>): Promise<Page<Agent>> {
  const { id: workspaceId } = ctx.workspace;
  const pool = input.pool === undefined ? null : await findPoolRow(ctx.tx, workspaceId, input.pool);
  if (input.pool !== undefined && !pool) throw notFound('work pool', input.pool);
  const before = cursorUuid('agent', input.cursor);
  const rows = await readAgents(ctx.tx, { workspaceId, onlyId: null, poolId: pool?.id ?? null, before, limit: input.limit + 1 });
  return pageOf(
    'agent',
    rows,
    input.limit,
    (row) => row.id,
    (row) => row.agent,
  );
}

export async function getAgent(ctx: Ctx, input: { agent: string }): Promise<Agent> {
  const id = toUuid('agent', input.agent);
  const [row] = await readAgents(ctx.tx, { workspaceId: ctx.workspace.id, onlyId: id, poolId: null, before: null, limit: 1 });
  if (!row) throw notFound('agent', input.agent);
  return row.agent;
}

/**
 * Refuses its credential, for good: its socket closes within seconds. Runs it claimed and has not begun go back at once; those it
 * runs are lost to it as if it had gone silent, and end as their deployment's `onLostAgent` says. Revoking a revoked agent answers it as it is.
 */
export async function revokeAgent(ctx: CommandCtx, input: { agent: string }): Promise<Audited<Agent>> {
  return change(ctx, input.agent, async (row) => {
    // Before the commit: if NATS is away the request fails as a whole, and may be repeated.
    await ctx.credentials.revokeAgent(ctx.workspace.id, row.publicKey);
    await ctx.tx.$executeRaw`UPDATE agent SET revoked_at = now() WHERE id = ${row.id}::uuid AND revoked_at IS NULL`;
    await takeBack(ctx, row.id, `agent "${row.name}" was revoked`);
    // Once more: a credential may have been renewed until now.
    ctx.afterCommit(() => ctx.credentials.revokeAgent(ctx.workspace.id, row.publicKey));
  });
}

/** It takes no new runs and ends when those it holds have ended; starting it again ends the drain. */
export async function drainAgent(ctx: CommandCtx, input: { agent: string }): Promise<Audited<Agent>> {
  return change(ctx, input.agent, async (row) => {
    if (row.revoked) throw preconditionFailed(`Agent "${row.name}" was revoked; there is nothing to drain.`);
    await ctx.tx.agent.update({ where: { id: row.id }, data: { drain: true } });
    ctx.afterCommit(() => ctx.bus.command(ctx.workspace.id, row.id, 'drain', { v: 1 }));
  });
}

/**
 * It stays connected and finishes what it runs, and is given nothing new, however often it starts: no run, and no permit for one it
 * has claimed, which goes back to be claimed elsewhere. Until it is released.
 */
export async function quarantineAgent(ctx: CommandCtx, input: { agent: string }): Promise<Audited<Agent>> {
  return change(ctx, input.agent, async (row) => {
    if (row.revoked) throw preconditionFailed(`Agent "${row.name}" was revoked: it is cut off already.`);
    // `drain` is what the claim looks at, under the agent's row.
    await ctx.tx.$executeRaw`UPDATE agent SET quarantined_at = coalesce(quarantined_at, now()), drain = true WHERE id = ${row.id}::uuid`;
    await takeBack(ctx, row.id, `agent "${row.name}" was put in quarantine`);
  });
}

/** Ends the quarantine; what it is given next comes with its next claim. */
export async function releaseAgent(ctx: CommandCtx, input: { agent: string }): Promise<Audited<Agent>> {
  return change(ctx, input.agent, async (row) => {
    if (row.revoked) throw preconditionFailed(`Agent "${row.name}" was revoked, for good: enroll it anew.`);
    if (!row.quarantined) throw preconditionFailed(`Agent "${row.name}" is not in quarantine.`);
    await ctx.tx.$executeRaw`UPDATE agent SET quarantined_at = NULL, drain = false WHERE id = ${row.id}::uuid`;
  });
}

/**
 * Runs that it claimed and was not granted wait again, under a new epoch: the permit it may yet ask for is refused. Under the lock of
 * its row, so that no claim is on its way; what is granted meanwhile is running.
 */
async function takeBack(ctx: CommandCtx, agentId: string, reason: string): Promise<void> {
  const sql = sqlOfTx(ctx.tx);
  // A handful, by the index of what an agent holds.
  const held = await sql.query<{ runId: string; epoch: string }>(
    `SELECT run_id AS "runId", epoch FROM run_dispatch WHERE agent_id = $1::uuid AND state_type = 'PENDING' ORDER BY run_id`,
    [agentId],
  );
  const { effects } = await transitionRuns(
    sql,
    held.map(({ runId, epoch }) => ({ runId, intent: { kind: 'give-back', owner: { agentId, epoch: Number(epoch) }, reason } })),
  );
  ctx.afterCommit(() => afterCommit(ctx, effects));
}

type Locked = {
  readonly id: string;
  readonly name: string;
  readonly publicKey: string;
  readonly revoked: boolean;
  readonly quarantined: boolean;
};

async function change(ctx: CommandCtx, agent: string, work: (row: Locked) => Promise<void>): Promise<Audited<Agent>> {
  const id = toUuid('agent', agent);
  const [row] = await sqlOfTx(ctx.tx).query<Locked>(
    'SELECT id, name, public_key AS "publicKey", revoked_at IS NOT NULL AS revoked, quarantined_at IS NOT NULL AS quarantined FROM agent WHERE id = $1::uuid AND workspace_id = $2::uuid FOR UPDATE',
    [id, ctx.workspace.id],
  );
  if (!row) throw notFound('agent', agent);
  const before = await getAgent(ctx, { agent });
  await work(row);
  const after = await getAgent(ctx, { agent });
  ctx.afterCommit(() => ctx.bus.live(ctx.workspace.id, { kind: 'agent', id: toId('agent', id) }));
  const facts = (seen: Agent) => ({ name: seen.name, pool: seen.pool.name, status: seen.status });
  return audited(after, { target: { kind: 'agent', id }, before: facts(before), after: facts(after) });
}
