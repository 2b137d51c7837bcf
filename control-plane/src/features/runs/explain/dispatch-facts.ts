/** Reads, for one scheduled run, what a claim would decide by. */
import { toId } from '@signalbox/proto';
import type { BlockingRun } from '@signalbox/proto/api';
import type { SqlCtx } from '../../../platform/services.ts';
import type { LiveRun } from './blocker-source.ts';
import type { AgentFacts, DispatchFacts, Pause } from './dispatch-blockers.ts';

/** Holders of a full limit that are named; more are counted. */
const NAMED_HOLDERS = 10;
/** Free slots of an agent that has not said how many it has. */
const UNKNOWN_FREE = 1_000;

type PlaceRow = {
  kind: 'deployment' | 'pool' | 'queue' | 'key';
  id: string;
  name: string;
  paused: boolean;
  limit: number | null;
  held: number;
};

export async function readDispatchFacts(ctx: SqlCtx, run: LiveRun): Promise<DispatchFacts> {
  const [rows, agents] = await Promise.all([
    ctx.sql.query<PlaceRow>(PLACES, [run.deploymentId, run.poolId, run.queueId, ctx.workspace.id, run.runId], 'dispatch-places'),
    readAgents(ctx, run),
  ]);
  const pauses = await readPauses(
    ctx,
    rows.filter(({ paused }) => paused).map(({ id }) => id),
  );
  const places: Partial<Record<PlaceRow['kind'], NonNullable<DispatchFacts['pool']>>> = {};
  for (const { kind, paused, ...place } of rows) {
    const isFull = place.limit !== null && place.held >= place.limit;
    const holders = isFull ? await readHolders(ctx, kind, place.id) : [];
    places[kind] = { ...place, holders, paused: paused ? (pauses.get(place.id) ?? { by: null, since: null }) : null };
  }
  return {
    run,
    deployment: places.deployment ?? null,
    pool: places.pool ?? null,
    queue: places.queue ?? null,
    key: places.key ?? null,
    agents,
    busy: agents.some(({ free }) => free > 0) ? { runs: [], count: 0 } : await readBusy(ctx, run),
  };
}

// Occupancy is counted by holder_pool, holder_deployment and holder_key, as the gate does; room that parents want back is
// taken (run_dispatch_resume).
const PLACES = `
  WITH w AS MATERIALIZED (SELECT * FROM resuming($2::uuid))
  SELECT 'deployment' AS kind, dep.id, f.name || '/' || dep.name AS name, dep.paused, dep.concurrency_limit AS "limit",
         (SELECT count(*)::int FROM holder h WHERE h.deployment_id = dep.id)
           + (SELECT coalesce(sum(w.n), 0)::int FROM w WHERE w.deployment_id = dep.id) AS held
    FROM deployment dep JOIN flow f ON f.id = dep.flow_id WHERE dep.id = $1::uuid AND dep.workspace_id = $4::uuid
  UNION ALL
  SELECT 'pool', p.id, p.name, p.paused, p.concurrency_limit,
         (SELECT count(*)::int FROM holder h WHERE h.pool_id = p.id)
           + (SELECT coalesce(sum(w.n), 0)::int FROM w)
    FROM work_pool p WHERE p.id = $2::uuid AND p.workspace_id = $4::uuid
  UNION ALL
  SELECT 'queue', q.id, q.name, q.paused, q.concurrency_limit,
         (SELECT count(*)::int FROM holder h WHERE h.pool_id = q.pool_id AND h.queue_id = q.id)
           + (SELECT coalesce(sum(w.n), 0)::int FROM w WHERE w.queue_id = q.id)
    FROM work_queue q WHERE q.id = $3::uuid AND q.workspace_id = $4::uuid
  UNION ALL
  SELECT 'key', d.key_limit_id, d.limit_key, false, dep.key_limit, 
         (SELECT count(*)::int FROM holder h WHERE h.key_limit_id = d.key_limit_id)
           + (SELECT coalesce(sum(w.n), 0)::int FROM w WHERE w.key_limit_id = d.key_limit_id)
    FROM run_dispatch d JOIN deployment dep ON dep.id = d.deployment_id AND dep.key_limit IS NOT NULL
   WHERE d.run_id = $5::uuid AND d.key_limit_id IS NOT NULL AND d.workspace_id = $4::uuid`;

const HOLDER_COLUMN = { deployment: 'deployment_id', pool: 'pool_id', queue: 'queue_id', key: 'key_limit_id' } as const;

type HolderRow = { run_id: string; name: string; flow: string | null; deployment: string | null; agent: string | null; since: Date };

/** Those that hold it longest. */
async function readHolders(ctx: SqlCtx, kind: keyof typeof HOLDER_COLUMN, id: string): Promise<BlockingRun[]> {
  const rows = await ctx.sql.query<HolderRow>(
    `SELECT h.run_id, r.name, f.name AS flow, dep.name AS deployment, a.name AS agent, h.taken_at AS since
       FROM (SELECT * FROM holder WHERE ${HOLDER_COLUMN[kind]} = $1::uuid AND workspace_id = $2::uuid ORDER BY taken_at, run_id LIMIT ${NAMED_HOLDERS}) h
       JOIN run_dispatch d ON d.run_id = h.run_id
       JOIN run r ON r.retention_class = d.retention_class AND r.id = h.run_id
       LEFT JOIN deployment dep ON dep.id = h.deployment_id LEFT JOIN flow f ON f.id = dep.flow_id LEFT JOIN agent a ON a.id = h.agent_id
      ORDER BY h.taken_at, h.run_id`,
    [id, ctx.workspace.id],
    `dispatch-holders-${kind}`,
  );
  return rows.map(showBlockingRun);
}

export function showBlockingRun(row: HolderRow): BlockingRun {
  return {
    run: toId('run', row.run_id),
    name: row.name,
    deployment: `${row.flow ?? '(deleted)'}/${row.deployment ?? '(deleted)'}`,
    agent: row.agent,
    since: row.since.toISOString(),
  };
}

/** Who paused each, and when: the newest audit entry that did; why and until when, of a deployment. Index: audit_entry_target. */
async function readPauses(ctx: SqlCtx, ids: readonly string[]): Promise<Map<string, Pause>> {
  if (ids.length === 0) return new Map();
  const rows = await ctx.sql.query<Pause & { id: string }>(
    `SELECT DISTINCT ON (e.target_id) e.target_id AS id, e.actor_name AS by, e.at AS since, o.reason, o.expires_at AS until
       FROM audit_entry e LEFT JOIN deployment_overlay o ON o.deployment_id = e.target_id AND o.path = 'paused'
      WHERE e.target_id = ANY ($1::uuid[]) AND e.workspace_id = $2::uuid
        AND e.after ->> 'paused' = 'true' AND e.before ->> 'paused' IS DISTINCT FROM 'true'
      ORDER BY e.target_id, e.id DESC`,
    [ids, ctx.workspace.id],
    'dispatch-pauses',
  );
  return new Map(rows.map(({ id, ...pause }) => [id, pause]));
}

/** Who uses the slots of a pool's agents, longest there first. Index: run_dispatch_agent. */
async function readBusy(ctx: SqlCtx, run: LiveRun): Promise<DispatchFacts['busy']> {
  const rows = await ctx.sql.query<HolderRow & { count: number }>(
    `SELECT x.run_id, r.name, f.name AS flow, dep.name AS deployment, x.agent, x.claimed_at AS since, x.count
       FROM (SELECT o.run_id, o.retention_class, o.deployment_id, coalesce(o.claimed_at, o.state_at) AS claimed_at, a.name AS agent, count(*) OVER ()::int AS count
               FROM agent a JOIN run_dispatch o ON o.agent_id = a.id AND o.awaiting_since IS NULL
              WHERE a.pool_id = $1::uuid AND a.workspace_id = $2::uuid AND a.revoked_at IS NULL
              ORDER BY 4, o.run_id LIMIT ${NAMED_HOLDERS}) x
       JOIN run r ON r.retention_class = x.retention_class AND r.id = x.run_id
       LEFT JOIN deployment dep ON dep.id = x.deployment_id LEFT JOIN flow f ON f.id = dep.flow_id
      ORDER BY x.claimed_at, x.run_id`,
    [run.poolId, ctx.workspace.id],
    'dispatch-busy',
  );
  return { runs: rows.map(showBlockingRun), count: rows[0]?.count ?? 0 };
}

/** `held` use a slot; `processes` are all that the agent has, those that wait for a child too. */
type AgentRow = Omit<AgentFacts, 'free'> & {
  readonly slots: number | null;
  readonly held: number;
  readonly maxProcesses: number | null;
  readonly processes: number;
};

async function readAgents(ctx: SqlCtx, run: LiveRun): Promise<AgentFacts[]> {
  const rows = await ctx.sql.query<AgentRow>(
    `SELECT a.name, coalesce(a.lease_until > served_now(), false) AS "isOnline", a.drain OR a.draining AS drains, a.backoff_until AS "backoffUntil",
            a.last_seen_at AS "lastSeenAt", a.slots, a.id = ANY (d.excluded_agents) AS "isExcluded",
            a.max_processes AS "maxProcesses", x.held, x.processes
       FROM run_dispatch d JOIN agent a ON a.pool_id = d.pool_id AND a.revoked_at IS NULL
       CROSS JOIN LATERAL (SELECT count(*)::int AS processes, count(*) FILTER (WHERE o.awaiting_since IS NULL)::int AS held
                             FROM run_dispatch o WHERE o.agent_id = a.id) x
      WHERE d.run_id = $1::uuid AND d.workspace_id = $2::uuid AND a.workspace_id = $2::uuid ORDER BY a.name LIMIT 1000`,
    [run.runId, ctx.workspace.id],
    'dispatch-agents',
  );
  return rows.map(({ slots, held, maxProcesses, processes, ...agent }) => {
    const room = Math.min(slots === null ? UNKNOWN_FREE : slots - held, maxProcesses === null ? UNKNOWN_FREE : maxProcesses - processes);
    return { ...agent, free: Math.max(0, room) };
  });
}
