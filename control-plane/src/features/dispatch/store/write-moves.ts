/** Writes what was decided. The rows are locked by the caller (store/load-runs.ts). */
import { isTerminal } from '@signalbox/proto';
import type { Sql } from '../../../platform/sql.ts';
import type { Move } from '../moves.ts';
import { payloadBytes } from './insert-runs.ts';

/**
 * Live runs, by id ascending; answers the named limits in which slots or places in line were freed. Lock, order and
 * index: see `write_moves` (prisma/migrations/*_write_moves).
 */
export async function writeMoves(sql: Sql, moves: readonly Move[]): Promise<readonly string[]> {
  if (moves.length === 0) return [];
  const ended = moves.filter((move) => isTerminal(move.next.type)).map((move) => move.run.runId);
  const values = [JSON.stringify(moves.map(toRow)), ended[0] ?? null, ended.at(-1) ?? null];
  const [row] = await sql.query<{ limits: string[] }>('SELECT write_moves($1::jsonb, $2::uuid, $3::uuid) AS limits', values, 'write-moves');
  return row?.limits ?? [];
}

/** Ended runs that a person retries: a dispatch row anew under a higher epoch, the record's end cleared. */
export async function reviveRuns(sql: Sql, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return;
  const values = [JSON.stringify(moves.map(toRow)), moves.map((move) => move.run.runId), moves.map((move) => move.run.retentionClass)];
  await sql.query(REVIVE, values);
}

function toRow({ run, next, states, raisesEpoch, slots, attemptEnd }: Move) {
  const ended = isTerminal(next.type);
  const row = {
    run_id: run.runId,
    workspace_id: run.workspaceId,
    retention_class: run.retentionClass,
    ended,
    type: next.type,
    name: next.name,
    message: next.message,
    at: run.now,
    states,
    raise: raisesEpoch,
    owner: next.owner,
    slots,
    started_at: next.startedAt,
    attempt: next.attempt,
    failure: next.failure,
    result: next.result,
    ...(attemptEnd ? overRow(attemptEnd) : {}),
  };
  return ended ? row : { ...row, ...liveRow(next) };
}

/** What only a row that stays is given. */
function liveRow(next: Move['next']) {
  return {
    deadline_ms: next.deadlineMs === 'keep' ? null : next.deadlineMs,
    keep_deadline: next.deadlineMs === 'keep',
    due_at: next.dueAt,
    expires_ms: next.expiresInMs,
    permit_request_id: next.permitRequestId,
    granted_at: next.grantedAt,
    retries: next.retries,
    infrastructure_attempts: next.infrastructureAttempts,
    start_failures: next.startFailures,
    first_start_failure_at: next.firstStartFailureAt,
    excluded_agents: next.excludedAgents,
    cancel_cause: next.cancelCause,
    from_start: next.retry?.mode === 'from-start',
    wanted: next.wanted,
  };
}

function overRow(end: NonNullable<Move['attemptEnd']>) {
  return {
    over_epoch: end.epoch,
    over_attempt: end.attempt,
    over_agent: end.agentId,
    over_claimed_at: end.claimedAt,
    over_granted_at: end.grantedAt,
    over_started_at: end.startedAt,
    over_type: end.type,
    over_name: end.name,
    over_message: end.message,
  };
}

/** Ended runs of which a person says that they ended otherwise. When they ended, result and failure stay. */
export async function restateRuns(sql: Sql, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return;
  const values = [JSON.stringify(moves.map(toRow)), moves.map((move) => move.run.runId), moves.map((move) => move.run.retentionClass)];
  await sql.query(RESTATE, values);
}

const ASKED = `jsonb_to_recordset($1::jsonb) AS u (run_id uuid, workspace_id uuid, retention_class text, ended boolean,
  type text, name text, message text, at timestamptz, states jsonb, raise boolean, owner text, slots text,
  deadline_ms bigint, due_at timestamptz, expires_ms bigint, permit_request_id uuid, granted_at timestamptz, started_at timestamptz,
  attempt int, retries int, infrastructure_attempts int, start_failures int, first_start_failure_at timestamptz, excluded_agents uuid[],
  cancel_cause text, failure jsonb, result jsonb, over_epoch bigint, over_attempt int, over_agent uuid, over_claimed_at timestamptz,
  over_granted_at timestamptz, over_started_at timestamptz, over_type text, over_name text, over_message text, from_start boolean)`;

// Locks: the records are held. What it failed of stays with the attempt that did. A pool that is gone is replaced by what the deployment has now. From the start: what
// epochs before the new one finished is not used again.
const REVIVE = `
  WITH u AS MATERIALIZED (SELECT * FROM ${ASKED}),
  revived AS (
    INSERT INTO run_dispatch (run_id, workspace_id, retention_class, deployment_id, version_id, pool_id, queue_id, state_type, state_name,
      state_message, state_at, due_at, epoch, attempt, first_started_at, expires_at, limit_key, key_limit_id, fair_key, payload_bytes, has_children, states)
    SELECT r.id, r.workspace_id, r.retention_class, r.deployment_id, r.version_id, coalesce(q.pool_id, dep.pool_id), coalesce(q.id, dep.queue_id),
      u.type, u.name, u.message, u.at, u.due_at, next_epoch(coalesce(r.epoch, 0)), u.attempt, r.started_at, u.due_at + u.expires_ms * interval '1 ms',
      run_key(dep.key_parts, r.parameters), key_id(dep.id, run_key(dep.key_parts, r.parameters)),
      key_id(coalesce(q.id, dep.queue_id), run_key(coalesce(q.fair_parts, dq.fair_parts), r.parameters)),
      ${payloadBytes('r', 'p.job_defaults')}, EXISTS (SELECT 1 FROM run_dispatch c WHERE c.parent_run_id = r.id),
      coalesce(r.states, '[]') || u.states
    FROM u JOIN run r ON r.id = u.run_id AND r.retention_class = u.retention_class
    LEFT JOIN work_queue q ON q.id = r.queue_id LEFT JOIN deployment dep ON dep.id = r.deployment_id
    LEFT JOIN work_queue dq ON dq.id = dep.queue_id
    LEFT JOIN work_pool p ON p.id = coalesce(q.pool_id, dep.pool_id)
    WHERE r.id = ANY ($2::uuid[]) AND r.retention_class = ANY ($3::text[])
    RETURNING run_id, epoch
  ), failed AS (
    UPDATE attempt a SET failure = coalesce(r.failure, jsonb_build_object('kind', 'application', 'message', coalesce(r.state_message, r.state_name)))
    FROM run r WHERE r.id = ANY ($2::uuid[]) AND r.retention_class = ANY ($3::text[]) AND r.state_type IN ('FAILED', 'CRASHED')
      AND a.run_id = r.id AND a.retention_class = r.retention_class AND a.epoch = r.epoch AND a.run_id = ANY ($2::uuid[]) AND a.retention_class = ANY ($3::text[])
  )
  UPDATE run r SET state_type = NULL, state_name = NULL, state_message = NULL, ended_at = NULL, states = NULL, failure = NULL, result = NULL,
    replay_floor = CASE WHEN u.from_start THEN revived.epoch ELSE r.replay_floor END
  FROM u JOIN revived USING (run_id) WHERE r.id = u.run_id AND r.retention_class = u.retention_class AND r.id = ANY ($2::uuid[]) AND r.retention_class = ANY ($3::text[])`;

// Locks: the records are held. Primary key within the leaves of their days.
const RESTATE = `
  WITH u AS MATERIALIZED (SELECT * FROM ${ASKED})
  UPDATE run r SET state_type = u.type, state_name = u.name, state_message = u.message, states = coalesce(r.states, '[]') || u.states
  FROM u WHERE r.id = u.run_id AND r.retention_class = u.retention_class AND r.id = ANY ($2::uuid[]) AND r.retention_class = ANY ($3::text[])`;
