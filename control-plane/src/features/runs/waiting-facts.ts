/** Reads, for one live run, what a claim would decide by. */
import { toId } from '@signalbox/proto';
import type { Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import type { LimitFacts, WaitingFacts } from './waiting-for.ts';

/** Holders of a full limit that are named; more are counted. */
const NAMED_HOLDERS = 3;

type Row = {
  now: Date;
  state_type: string;
  state_name: string;
  due_at: Date;
  agent: string | null;
  dep_id: string;
  dep_name: string | null;
  dep_paused: boolean;
  dep_limit: number | null;
  dep_held: number;
  pool_id: string | null;
  pool_name: string | null;
  pool_paused: boolean;
  pool_limit: number | null;
  pool_held: number;
  queue_id: string | null;
  queue_name: string | null;
  queue_paused: boolean;
  queue_limit: number | null;
  queue_held: number;
  total: number;
  online: number;
  accepting: number;
  slots: number;
  taken: number;
  failed_on: string[];
};

/** Null when the run is not live. */
export async function readWaitingFacts(ctx: Ctx, runId: string): Promise<WaitingFacts | null> {
  const [row] = await sqlOfTx(ctx.tx).query<Row>(FACTS, [runId, ctx.workspace.id]);
  if (!row) return null;
  const deployment = await limitOf(ctx, 'deployment_id', row.dep_id, row.dep_limit, row.dep_held);
  const pool = await limitOf(ctx, 'pool_id', row.pool_id, row.pool_limit, row.pool_held);
  const queue = await limitOf(ctx, 'queue_id', row.queue_id, row.queue_limit, row.queue_held);
  return {
    state: { type: row.state_type, name: row.state_name },
    now: row.now,
    dueAt: row.due_at,
    agent: row.agent,
    deployment: row.dep_name === null ? null : { name: row.dep_name, paused: row.dep_paused, ...deployment },
    pool: row.pool_name === null ? null : { name: row.pool_name, paused: row.pool_paused, ...pool },
    queue: row.queue_name === null ? null : { name: row.queue_name, paused: row.queue_paused, ...queue },
    agents: { total: row.total, online: row.online, accepting: row.accepting, slots: row.slots, held: row.taken },
    failedOn: row.failed_on,
  };
}

type HolderColumn = 'deployment_id' | 'pool_id' | 'queue_id';

async function limitOf(ctx: Ctx, column: HolderColumn, id: string | null, limit: number | null, held: number): Promise<LimitFacts> {
  if (id === null || limit === null || held < limit) return { limit, held, holders: [] };
  const rows = await sqlOfTx(ctx.tx).query<{ run_id: string }>(
    `SELECT run_id FROM holder WHERE ${column} = $1::uuid AND workspace_id = $2::uuid ORDER BY taken_at LIMIT ${NAMED_HOLDERS}`,
    [id, ctx.workspace.id],
  );
  return { limit, held, holders: rows.map((row) => toId('run', row.run_id)) };
}

// Occupancy is counted by holder_pool and holder_deployment, as the gate does.
const FACTS = `
  SELECT now() AS now, d.state_type, d.state_name, d.due_at, own.name AS agent,
         d.deployment_id AS dep_id, dep.name AS dep_name, coalesce(dep.paused, false) AS dep_paused, dep.concurrency_limit AS dep_limit,
         (SELECT count(*)::int FROM holder h WHERE h.deployment_id = d.deployment_id) AS dep_held,
         p.id AS pool_id, p.name AS pool_name, coalesce(p.paused, false) AS pool_paused, p.concurrency_limit AS pool_limit,
         (SELECT count(*)::int FROM holder h WHERE h.pool_id = d.pool_id) AS pool_held,
         q.id AS queue_id, q.name AS queue_name, coalesce(q.paused, false) AS queue_paused, q.concurrency_limit AS queue_limit,
         (SELECT count(*)::int FROM holder h WHERE h.pool_id = d.pool_id AND h.queue_id = d.queue_id) AS queue_held,
         a.total, a.online, a.accepting, a.slots, a.taken,
         coalesce((SELECT array_agg(x.name ORDER BY x.name) FROM agent x WHERE x.id = ANY (d.excluded_agents)), '{}') AS failed_on
    FROM run_dispatch d
    LEFT JOIN deployment dep ON dep.id = d.deployment_id
    LEFT JOIN work_pool p ON p.id = d.pool_id
    LEFT JOIN work_queue q ON q.id = d.queue_id
    LEFT JOIN agent own ON own.id = d.agent_id
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS total,
             count(*) FILTER (WHERE x.up)::int AS online,
             count(*) FILTER (WHERE x.takes)::int AS accepting,
             coalesce(sum(x.slots) FILTER (WHERE x.takes), 0)::int AS slots,
             coalesce(sum((SELECT count(*) FROM holder h WHERE h.pool_id = d.pool_id AND h.agent_id = x.id)) FILTER (WHERE x.takes), 0)::int AS taken
        FROM (SELECT id, slots, lease_until > served_now() AS up,
                     lease_until > served_now() AND NOT drain AND NOT draining AND coalesce(backoff_until <= now(), true) AS takes
                FROM agent WHERE pool_id = d.pool_id AND revoked_at IS NULL) x) a
   WHERE d.run_id = $1::uuid AND d.workspace_id = $2::uuid`;
