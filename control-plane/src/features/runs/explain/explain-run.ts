/** `explain(run)`: everything that keeps a run from running, by the facts that dispatch decides by. */
import { type RunStateType, toId, toUuid } from '@signalbox/proto';
import type { Blocker, Explanation } from '@signalbox/proto/api';
import { notFound } from '../../../platform/errors.ts';
import type { Ctx } from '../../../platform/services.ts';
import { sqlOfTx } from '../../../platform/sql.ts';
import { findRecord } from '../store.ts';
import type { LiveRun } from './blocker-source.ts';
import { BLOCKER_SOURCES } from './registry.ts';

/** @throws NOT_FOUND when the workspace has no such run. */
export async function explainRun(ctx: Ctx, input: { run: string }): Promise<Explanation> {
  const runId = toUuid('run', input.run);
  const live = await readLiveRun(ctx, runId);
  if (live) {
    const state = { type: live.state.type, name: live.state.name };
    return { run: toId('run', runId), state, at: live.now.toISOString(), blockers: await blockersOf(ctx, live) };
  }
  const record = await findRecord(ctx.tx, ctx.workspace.id, runId);
  if (!record) throw notFound('run', input.run);
  const type = record.endedAs ?? 'SCHEDULED';
  return { run: toId('run', runId), state: { type, name: type }, at: new Date().toISOString(), blockers: [] };
}

/** One sentence a blocker; none for a run that is not live. */
export async function waitingFor(ctx: Ctx, runId: string): Promise<string[]> {
  const live = await readLiveRun(ctx, runId);
  return live ? (await blockersOf(ctx, live)).map(({ message }) => message) : [];
}

async function blockersOf(ctx: Ctx, run: LiveRun): Promise<Blocker[]> {
  const found: Blocker[] = [];
  for (const source of BLOCKER_SOURCES) found.push(...(await source(ctx, run)));
  return found;
}

type Row = {
  state_type: RunStateType;
  state_name: string;
  state_at: Date;
  due_at: Date;
  epoch: bigint | string;
  deployment_id: string;
  pool_id: string | null;
  queue_id: string | null;
  agent_id: string | null;
  agent_name: string | null;
  now: Date;
};

// Primary keys.
const LIVE = `
  SELECT d.state_type, d.state_name, d.state_at, d.due_at, d.epoch, d.deployment_id, d.pool_id, d.queue_id, a.id AS agent_id, a.name AS agent_name,
         now() AS now
    FROM run_dispatch d LEFT JOIN agent a ON a.id = d.agent_id WHERE d.run_id = $1::uuid AND d.workspace_id = $2::uuid`;

async function readLiveRun(ctx: Ctx, runId: string): Promise<LiveRun | null> {
  const [row] = await sqlOfTx(ctx.tx).query<Row>(LIVE, [runId, ctx.workspace.id]);
  if (!row) return null;
  return {
    runId,
    state: { type: row.state_type, name: row.state_name },
    stateAt: row.state_at,
    dueAt: row.due_at,
    epoch: Number(row.epoch),
    deploymentId: row.deployment_id,
    poolId: row.pool_id,
    queueId: row.queue_id,
    agent: row.agent_id && row.agent_name ? { id: row.agent_id, name: row.agent_name } : null,
    now: row.now,
  };
}
