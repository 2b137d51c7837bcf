/** New runs: the durable record and the dispatch row, in one statement. */
import type { Envelope } from '@signalbox/proto';
import { notFound } from '../../../platform/errors.ts';
import type { Sql } from '../../../platform/sql.ts';
import type { AfterCommit } from '../after-commit.ts';

/** A run to be. Flow, pool, queue and retention are its deployment's at this instant. */
export type NewRun = {
  /** From `newRunIds`; absent: the database makes one. */
  readonly id?: string;
  readonly workspaceId: string;
  readonly deploymentId: string;
  /** The version it is pinned to; absent: the deployment's current one. */
  readonly versionId?: string;
  readonly name: string;
  readonly tags?: readonly string[];
  readonly parameters: Envelope;
  /** The run's own layer of variables, over those of pool and deployment. */
  readonly variables?: Record<string, unknown> | null;
  /** `api`, `schedule`, `console`, `cli`, `sdk`. */
  readonly createdBy: string;
  readonly actorId?: string | null;
  readonly scheduleId?: string | null;
  /** Absent: now. An instant in the past counts as now in rank. */
  readonly dueAt?: Date | null;
  /** Of the deployment's pool; absent, or gone: the deployment's own. */
  readonly queueId?: string | null;
  /** How long after its due instant it may wait; absent: the workspace's retention. */
  readonly expireAfterMs?: number | null;
  /** The run that starts it. */
  readonly parent?: NewRunParent;
};

/** Where in its parent a run came to be, and what becomes of it with the parent. */
export type NewRunParent = {
  readonly runId: string;
  readonly epoch: number;
  readonly ordinal: number;
  readonly step: string;
  /** Of the child: one more than its parent's. */
  readonly depth: number;
  readonly onEnd: 'cancel' | 'leave';
};

export type InsertedRun = {
  readonly id: string;
  readonly workspaceId: string;
  readonly poolId: string | null;
  readonly createdAt: Date;
  readonly dueAt: Date;
};

/** Ids for runs of the next instants, by the database's clock. */
export async function newRunIds(sql: Sql, count: number): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    'SELECT signalbox_uuidv7(now()) AS id FROM generate_series(1, $1::int)',
    [count],
    'new-run-ids',
  );
  return rows.map((row) => row.id);
}

/**
 * Inserts runs, each SCHEDULED. Call `afterCommit(ctx, effectsOfInsert(inserted))` once the transaction is committed.
 * @throws NOT_FOUND when a deployment is not in its workspace.
 */
export async function insertRuns(sql: Sql, runs: readonly NewRun[]): Promise<InsertedRun[]> {
  if (runs.length === 0) return [];
  const inserted = await sql.query<InsertedRun>(INSERT, [JSON.stringify(runs.map(toRow))], 'insert-runs');
  if (inserted.length < runs.length) {
    const made = new Set(inserted.map((run) => run.id));
    const missing = runs.find((run) => !run.id || !made.has(run.id));
    throw notFound('deployment', missing?.deploymentId ?? '');
  }
  return inserted;
}

/** What follows the commit of new runs. `isSeenTo`: a claim goes with the commit, and nobody is told of work. */
export function effectsOfInsert(inserted: readonly InsertedRun[], isSeenTo = false): AfterCommit[] {
  const made = new Map<string, number>();
  for (const { workspaceId } of inserted) made.set(workspaceId, (made.get(workspaceId) ?? 0) + 1);
  return [
    ...[...made].map(([workspaceId, runs]) => ({ kind: 'made' as const, workspaceId, runs })),
    ...inserted.flatMap(({ id, workspaceId, poolId }) => [
      { kind: 'live' as const, workspaceId, runId: id },
      ...(poolId && !isSeenTo ? [{ kind: 'offer' as const, workspaceId, poolId }] : []),
    ]),
  ];
}

function toRow(run: NewRun, index: number) {
  return {
    n: index,
    id: run.id ?? null,
    workspace_id: run.workspaceId,
    deployment_id: run.deploymentId,
    version_id: run.versionId ?? null,
    name: run.name,
    tags: run.tags ?? [],
    parameters: run.parameters,
    variables: run.variables ?? null,
    created_by: run.createdBy,
    actor_id: run.actorId ?? null,
    schedule_id: run.scheduleId ?? null,
    due_at: run.dueAt?.toISOString() ?? null,
    queue_id: run.queueId ?? null,
    expire_after_ms: run.expireAfterMs ?? null,
    parent_run_id: run.parent?.runId ?? null,
    parent_epoch: run.parent?.epoch ?? null,
    parent_ordinal: run.parent?.ordinal ?? null,
    parent_step: run.parent?.step ?? null,
    depth: run.parent?.depth ?? 0,
    on_parent_end: run.parent?.onEnd ?? 'leave',
  };
}

/**
 * What a run adds to a claim's answer: parameters that travel inline (larger ones are asked for), names, and the pool's and
 * the run's own variables. At most 64 KiB, above which `give_runs` would take it for one whose parameters stay behind.
 */
export const payloadBytes = (run: string, jobDefaults: string) => `least(65536,
  CASE WHEN octet_length(${run}.parameters::text) <= 65536 THEN octet_length(${run}.parameters::text) ELSE 0 END
  + octet_length(${run}.name) + octet_length(${run}.tags::text) + coalesce(octet_length(${run}.variables::text), 0)
  + coalesce(octet_length(${jobDefaults}::text), 0))`;

// No lock beyond the new rows. An id whose day has no open partition is refused by Postgres (23514).
const INSERT = `
  WITH asked AS MATERIALIZED (
    SELECT u.n, coalesce(u.id, signalbox_uuidv7(now())) AS id, u.workspace_id, dep.flow_id, dep.id AS deployment_id,
      coalesce(u.version_id, dep.version_id) AS version_id, dep.pool_id,
      coalesce((SELECT q.id FROM work_queue q WHERE q.id = u.queue_id AND q.pool_id = dep.pool_id), dep.queue_id, (SELECT q.id FROM work_queue q WHERE q.pool_id = dep.pool_id ORDER BY q.name <> 'default', q.priority LIMIT 1)) AS queue_id,
      u.schedule_id, u.name, dep.kind, u.tags, u.parameters, u.variables, u.created_by, u.actor_id, coalesce(u.due_at, now()) AS due_at, w.retention_class, p.job_defaults,
      coalesce(u.expire_after_ms * interval '1 ms', substr(w.retention_class, 2)::int * interval '1 day') AS patience,
      u.parent_run_id, u.parent_epoch, u.parent_ordinal, u.parent_step, u.depth, u.on_parent_end,
      greatest(coalesce(u.due_at, now()), now()) AS starts_at, run_key(dep.key_parts, u.parameters) AS limit_key
    FROM jsonb_to_recordset($1::jsonb) AS u (n int, id uuid, workspace_id uuid, deployment_id uuid, version_id uuid, name text, tags text[],
      parameters jsonb, variables jsonb, created_by text, actor_id uuid, schedule_id uuid, due_at timestamptz, queue_id uuid, expire_after_ms bigint,
      parent_run_id uuid, parent_epoch bigint, parent_ordinal int, parent_step text, depth int, on_parent_end text)
    JOIN deployment dep ON dep.id = u.deployment_id AND dep.workspace_id = u.workspace_id
    JOIN workspace w ON w.id = u.workspace_id
    LEFT JOIN work_pool p ON p.id = dep.pool_id
  ), keyed AS MATERIALIZED (
    SELECT a.*, CASE WHEN q.fair_parts IS NOT NULL THEN key_id(q.id, run_key(q.fair_parts, a.parameters)) END AS fair_key
    FROM asked a LEFT JOIN work_queue q ON q.id = a.queue_id
  ), first AS MATERIALIZED (
    -- Runs of fair queues that are due, or soon will be, get their place now; others when they are due.
    SELECT fair_key, next_fair_rank(queue_id, fair_key) AS rank
    FROM (SELECT DISTINCT queue_id, fair_key FROM keyed WHERE fair_key IS NOT NULL AND starts_at <= now() + interval '5 seconds') k
  ), placed AS (
    SELECT k.*, CASE WHEN k.starts_at <= now() + interval '5 seconds' THEN
      first.rank + (row_number() OVER (PARTITION BY k.fair_key ORDER BY k.n) - 1) * fair_step() END AS fair_rank
    FROM keyed k LEFT JOIN first USING (fair_key)
  ), records AS (
    INSERT INTO run (retention_class, id, workspace_id, flow_id, deployment_id, version_id, pool_id, queue_id, schedule_id, name, kind, tags,
      parameters, variables, created_by, actor_id, due_at, created_at, parent_run_id, parent_epoch, parent_ordinal, parent_step, depth)
    SELECT retention_class, id, workspace_id, flow_id, deployment_id, version_id, pool_id, queue_id, schedule_id, name, kind, tags,
      parameters, nullif(variables, 'null'), created_by, actor_id, due_at, now(), parent_run_id, parent_epoch, parent_ordinal, parent_step, depth FROM asked
  ), dispatched AS (
    INSERT INTO run_dispatch (run_id, workspace_id, retention_class, deployment_id, version_id, pool_id, queue_id, state_type, state_name,
      state_at, due_at, attempt, expires_at, limit_key, key_limit_id, fair_key, fair_rank, ranked_due_at, payload_bytes, parent_run_id, on_parent_end, states)
    SELECT id, workspace_id, retention_class, deployment_id, version_id, pool_id, queue_id, 'SCHEDULED', 'Scheduled',
      now(), starts_at, 1, starts_at + patience, limit_key, key_id(deployment_id, limit_key),
      fair_key, fair_rank, CASE WHEN fair_rank IS NOT NULL THEN starts_at END,
      ${payloadBytes('placed', 'job_defaults')}, parent_run_id, on_parent_end,
      jsonb_build_array(jsonb_build_object('type', 'SCHEDULED', 'name', 'Scheduled', 'at', iso_instant(now())))
    FROM placed
  )
  SELECT id, workspace_id AS "workspaceId", pool_id AS "poolId", now() AS "createdAt", due_at AS "dueAt" FROM asked ORDER BY n`;
