/** Runs as the machine sees them, locked. */
import { type RunStateType, uuidTimeMs } from '@signalbox/proto';
import type { RetryPolicy } from '@signalbox/proto/messages';
import { dayClosesAt, retentionMsOf } from '../../../domain/rules/retention.ts';
import type { CancelCause, RunPolicy, RunSnapshot, Wanted } from '../../../domain/run-snapshot.ts';
import type { Sql } from '../../../platform/sql.ts';

/** A run and what its decisions depend on. `isLive` tells whether a dispatch row stands for it. */
export type LoadedRun = {
  readonly runId: string;
  readonly workspaceId: string;
  readonly retentionClass: string;
  readonly poolId: string | null;
  readonly deploymentId: string;
  /** The limit of its key, where its deployment has one. */
  readonly keyLimitId: string | null;
  /** Told of this run's end. */
  readonly parentRunId: string | null;
  readonly hasChildren: boolean;
  readonly claimedAt: Date | null;
  readonly isLive: boolean;
  /** Postgres' clock when the lock was taken. */
  readonly now: Date;
  readonly snapshot: RunSnapshot;
  readonly policy: RunPolicy;
  /** Whether freeing its slots can let another run in: of its deployment, of its pool or queue. */
  readonly limits: { readonly deployment: boolean; readonly pool: boolean };
};

type Row = {
  run_id: string;
  workspace_id: string;
  retention_class: string;
  pool_id: string | null;
  deployment_id: string;
  key_limit_id: string | null;
  state_type: RunStateType;
  state_name: string;
  epoch: string | bigint | null;
  attempt: number | null;
  agent_id: string | null;
  due_at: Date;
  claimed_at: Date | null;
  permit_request_id: string | null;
  granted_at: Date | null;
  started_at: Date | null;
  retries: number;
  infrastructure_attempts: number;
  start_failures: number;
  first_start_failure_at: Date | null;
  excluded_agents: string[];
  cancel_cause: CancelCause | null;
  is_awaiting_child: boolean;
  parent_run_id: string | null;
  has_children: boolean;
  wanted: Wanted | null;
  config: { retry?: RetryPolicy; onLostAgent?: RunPolicy['onLostAgent'] };
  start_timeout_ms: string | bigint;
  deployment_limited: boolean;
  pool_limited: boolean;
  now: Date;
};

/** Locks dispatch rows by id, ascending; runs that are not live are absent. */
export async function lockLiveRuns(sql: Sql, runIds: readonly string[]): Promise<LoadedRun[]> {
  const rows = await sql.query<Row>(
    `SELECT d.run_id, d.workspace_id, d.retention_class, d.pool_id, d.deployment_id, d.key_limit_id, d.state_type, d.state_name, d.epoch, d.attempt, d.agent_id,
       d.due_at, d.claimed_at, d.permit_request_id, d.granted_at, d.started_at, d.retries, d.infrastructure_attempts, d.start_failures,
       d.first_start_failure_at, d.excluded_agents, d.cancel_cause, d.wanted, d.awaiting_since IS NOT NULL AS is_awaiting_child,
       d.parent_run_id, d.has_children, v.config, coalesce(dep.slot_grace_ms, start_timeout_ms(v.config, coalesce(p.launcher, 'process'))) AS start_timeout_ms,
       coalesce(dep.concurrency_limit IS NOT NULL, false) AS deployment_limited,
       coalesce(p.concurrency_limit IS NOT NULL OR q.concurrency_limit IS NOT NULL, false) AS pool_limited, clock_timestamp() AS now
     FROM run_dispatch d
     JOIN deployment_version v ON v.id = d.version_id
     LEFT JOIN deployment dep ON dep.id = d.deployment_id
     LEFT JOIN work_pool p ON p.id = d.pool_id
     LEFT JOIN work_queue q ON q.id = d.queue_id
     WHERE d.run_id = ANY ($1::uuid[]) ORDER BY d.run_id FOR UPDATE OF d`,
    [runIds],
    'lock-live-runs',
  );
  return rows.map((row) => toLoaded(row, true));
}

/** Locks records of runs that have ended, by id, ascending; live ones are absent. */
export async function lockEndedRuns(sql: Sql, runIds: readonly string[]): Promise<LoadedRun[]> {
  // Partition by the id's day; primary key within it.
  const rows = await sql.query<Row>(
    `SELECT r.id AS run_id, r.workspace_id, r.retention_class, r.pool_id, r.deployment_id, NULL AS key_limit_id, r.state_type, r.state_name, r.epoch, r.attempt,
       NULL AS agent_id, r.due_at, NULL AS claimed_at, NULL AS permit_request_id, NULL AS granted_at, r.started_at, 0 AS retries,
       0 AS infrastructure_attempts, 0 AS start_failures, NULL AS first_start_failure_at, '{}'::uuid[] AS excluded_agents, NULL AS cancel_cause,
       NULL AS wanted, false AS is_awaiting_child, NULL AS parent_run_id, false AS has_children,
       v.config, start_timeout_ms(v.config, 'process') AS start_timeout_ms, false AS deployment_limited, false AS pool_limited, clock_timestamp() AS now
     FROM run r JOIN deployment_version v ON v.id = r.version_id
     WHERE r.id = ANY ($1::uuid[]) AND r.state_type IS NOT NULL ORDER BY r.id FOR UPDATE OF r`,
    [runIds],
  );
  return rows.map((row) => toLoaded(row, false));
}

function toLoaded(row: Row, isLive: boolean): LoadedRun {
  const retentionMs = retentionMsOf(row.retention_class);
  return {
    runId: row.run_id,
    workspaceId: row.workspace_id,
    retentionClass: row.retention_class,
    poolId: row.pool_id,
    deploymentId: row.deployment_id,
    keyLimitId: row.key_limit_id,
    parentRunId: row.parent_run_id,
    hasChildren: row.has_children,
    claimedAt: row.claimed_at,
    isLive,
    now: row.now,
    limits: { deployment: row.deployment_limited, pool: row.pool_limited },
    policy: {
      retry: row.config.retry ?? { retries: 0, delaysMs: [] },
      onLostAgent: row.config.onLostAgent ?? 'crash',
      startTimeoutMs: Number(row.start_timeout_ms),
      retentionMs,
      closesAt: dayClosesAt(new Date(uuidTimeMs(row.run_id)), retentionMs),
    },
    snapshot: {
      type: row.state_type,
      name: row.state_name,
      epoch: Number(row.epoch ?? 0),
      attempt: row.attempt ?? 1,
      agentId: row.agent_id,
      dueAt: row.due_at,
      permitRequestId: row.permit_request_id,
      grantedAt: row.granted_at,
      startedAt: row.started_at,
      retries: row.retries,
      infrastructureAttempts: row.infrastructure_attempts,
      startFailures: row.start_failures,
      firstStartFailureAt: row.first_start_failure_at,
      excludedAgents: row.excluded_agents,
      cancelCause: row.cancel_cause,
      isAwaitingChild: row.is_awaiting_child,
      wanted: row.wanted,
    },
  };
}
