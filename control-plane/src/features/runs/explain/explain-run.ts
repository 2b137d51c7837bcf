/** `explain(run)`: everything that keeps a run from running, by the facts that dispatch decides by. */
import { type RunStateType, toId, toUuid } from '@signalbox/proto';
import type { Blocker, Explanation } from '@signalbox/proto/api';
import { notFound } from '../../../platform/errors.ts';
import type { SqlCtx } from '../../../platform/services.ts';
import { findRecord } from '../store.ts';
import type { LiveRun } from './blocker-source.ts';
import { BLOCKER_SOURCES } from './registry.ts';

/** @throws NOT_FOUND when the workspace has no such run. */
export async function explainRun(ctx: SqlCtx, input: { run: string }): Promise<Explanation> {
  const runId = toUuid('run', input.run);
  const live = await readLiveRun(ctx, runId);
  if (live) {
    const state = { type: live.state.type, name: live.state.name };
    return { run: toId('run', runId), state, at: live.now.toISOString(), blockers: await blockersOf(ctx, live) };
  }
  const record = await findRecord(ctx.sql, ctx.workspace.id, runId);
  if (!record) throw notFound('run', input.run);
  const type = record.endedAs ?? 'SCHEDULED';
  return { run: toId('run', runId), state: { type, name: type }, at: new Date().toISOString(), blockers: [] };
}

/** In the order of their sources, which are asked side by side. */
export async function blockersOf(ctx: SqlCtx, run: LiveRun): Promise<Blocker[]> {
  return (await Promise.all(BLOCKER_SOURCES.map((source) => source(ctx, run)))).flat();
}

/** Of a run's dispatch row. */
export type LiveRow = {
  state_type: RunStateType;
  state_name: string;
  state_at: Date;
  due_at: Date;
  epoch: bigint | string;
  deployment_id: string;
  live_pool_id: string | null;
  live_queue_id: string | null;
  agent_id: string | null;
  agent_name: string | null;
  now: Date;
};

// Primary keys.
const LIVE = `
  SELECT d.state_type, d.state_name, d.state_at, d.due_at, d.epoch, d.deployment_id, d.pool_id AS live_pool_id, d.queue_id AS live_queue_id, a.id AS agent_id, a.name AS agent_name,
         now() AS now
    FROM run_dispatch d LEFT JOIN agent a ON a.id = d.agent_id WHERE d.run_id = $1::uuid AND d.workspace_id = $2::uuid`;

async function readLiveRun(ctx: SqlCtx, runId: string): Promise<LiveRun | null> {
  const [row] = await ctx.sql.query<LiveRow>(LIVE, [runId, ctx.workspace.id], 'live-run');
  return row ? liveRunOf(runId, row) : null;
}

export function liveRunOf(runId: string, row: LiveRow): LiveRun {
  return {
    runId,
    state: { type: row.state_type, name: row.state_name },
    stateAt: row.state_at,
    dueAt: row.due_at,
    epoch: Number(row.epoch),
    deploymentId: row.deployment_id,
    poolId: row.live_pool_id,
    queueId: row.live_queue_id,
    agent: row.agent_id && row.agent_name ? { id: row.agent_id, name: row.agent_name } : null,
    now: row.now,
  };
}
