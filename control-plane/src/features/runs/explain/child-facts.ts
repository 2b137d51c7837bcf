/** Reads who a parent waits for, and which parents keep the processes of a pool's agents. */
import type { BlockingRun } from '@signalbox/proto/api';
import type { SqlCtx } from '../../../platform/services.ts';
import { showBlockingRun } from './dispatch-facts.ts';

const NAMED = 10;

type Row = { run_id: string; name: string; flow: string | null; deployment: string | null; agent: string | null; since: Date };
type Counted = Row & { count: number };

const NAMES = `JOIN run r ON r.retention_class = x.retention_class AND r.id = x.run_id
  LEFT JOIN deployment dep ON dep.id = x.deployment_id LEFT JOIN flow f ON f.id = dep.flow_id LEFT JOIN agent a ON a.id = x.agent_id`;

/** Live children, oldest first; `resumeSince` is when the parent began to wait for its slots. Index: run_dispatch_parent. */
export async function readLiveChildren(
  ctx: SqlCtx,
  runId: string,
): Promise<{ children: BlockingRun[]; count: number; resumeSince: Date | null }> {
  const { sql } = ctx;
  const [own] = await sql.query<{ since: Date | null }>(
    'SELECT resume_since AS since FROM run_dispatch WHERE run_id = $1::uuid AND workspace_id = $2::uuid',
    [runId, ctx.workspace.id],
    'resume-since',
  );
  const rows = await sql.query<Counted>(
    `SELECT x.run_id, r.name, f.name AS flow, dep.name AS deployment, a.name AS agent, x.state_at AS since, x.count
     FROM (SELECT d.*, count(*) OVER ()::int AS count FROM run_dispatch d
           WHERE d.parent_run_id = $1::uuid AND d.workspace_id = $2::uuid ORDER BY d.run_id LIMIT ${NAMED}) x ${NAMES} ORDER BY x.run_id`,
    [runId, ctx.workspace.id],
    'live-children',
  );
  return { children: rows.map(showBlockingRun), count: rows[0]?.count ?? 0, resumeSince: own?.since ?? null };
}

export type FullPool = {
  readonly pool: string;
  /** Processes that its live agents may keep. */
  readonly processes: number;
  /** Runs that wait for a child there, longest first. */
  readonly parents: readonly BlockingRun[];
  readonly parentCount: number;
};

/** Null while some live agent of the pool may start another process. Each run that an agent holds has one. Index: run_dispatch_agent. */
export async function readFullPool(ctx: SqlCtx, poolId: string): Promise<FullPool | null> {
  const { sql } = ctx;
  const [pool] = await sql.query<{ name: string; processes: number | null; room: number | null }>(
    `SELECT p.name, sum(x.max_processes)::int AS processes, sum(greatest(0, x.max_processes - x.held))::int AS room
     FROM work_pool p LEFT JOIN LATERAL (
       SELECT coalesce(a.max_processes, 1000000) AS max_processes, (SELECT count(*) FROM run_dispatch d WHERE d.agent_id = a.id) AS held
       FROM agent a WHERE a.pool_id = p.id AND a.lease_until > served_now() AND a.revoked_at IS NULL AND NOT a.drain AND NOT a.draining) x ON true
     WHERE p.id = $1::uuid AND p.workspace_id = $2::uuid GROUP BY p.name`,
    [poolId, ctx.workspace.id],
    'room-for-processes',
  );
  if (!pool || pool.processes === null || pool.room === null || pool.room > 0) return null;
  const rows = await sql.query<Counted>(
    `SELECT x.run_id, r.name, f.name AS flow, dep.name AS deployment, a.name AS agent, x.awaiting_since AS since, x.count
     FROM (SELECT d.*, count(*) OVER ()::int AS count FROM agent own JOIN run_dispatch d ON d.agent_id = own.id
           WHERE own.pool_id = $1::uuid AND own.workspace_id = $2::uuid AND d.awaiting_since IS NOT NULL
           ORDER BY d.awaiting_since, d.run_id LIMIT ${NAMED}) x ${NAMES} ORDER BY x.awaiting_since, x.run_id`,
    [poolId, ctx.workspace.id],
    'awaiting-parents',
  );
  return { pool: pool.name, processes: pool.processes, parents: rows.map(showBlockingRun), parentCount: rows[0]?.count ?? 0 };
}
