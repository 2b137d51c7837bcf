/** Runs whose owner or whose deadline is gone, by served time. As `signalbox_system`. */
import type { Sql } from '../../../platform/sql.ts';

/** How long an agent that is there may leave a run unnamed, served time. */
export const UNNAMED_MS = 15_000;

/** How long an agent must be back before what it did not say of a start counts: reports and renewals that were held up come first. */
export const BACK_FOR_MS = 5_000;

export type Overdue = {
  readonly runId: string;
  readonly type: string;
  readonly name: string;
  readonly isHeld: boolean;
  readonly isSilent: boolean;
  readonly isUnnamed: boolean;
};

/**
 * Locks up to `limit` of each kind, SKIP LOCKED. Held runs are read through run_dispatch_agent (as many as run, however
 * many wait), the others by their deadline through run_dispatch_expiry. A Lost run waits for its own deadline alone. One that
 * was granted and is not known to have started is left alone until its agent has renewed after the deadline and has been
 * back for a while: a cut right after the grant must not send a run back whose code runs.
 */
export async function lockOverdueRuns(sql: Sql, limit: number): Promise<Overdue[]> {
  const held = await sql.query<Overdue>(
    `SELECT d.run_id AS "runId", d.state_type AS type, d.state_name AS name, true AS "isHeld",
       a.id IS NULL OR a.lease_until IS NULL OR a.lease_until < s.served_at AS "isSilent",
       coalesce(d.unnamed_since < s.served_at - $2::int * interval '1 ms', false) AS "isUnnamed"
     FROM run_dispatch d CROSS JOIN served_clock s LEFT JOIN agent a ON a.id = d.agent_id
     WHERE d.agent_id IS NOT NULL AND (
       (d.deadline_at < s.served_at AND NOT (
           d.state_type = 'RUNNING' AND d.state_name = 'Running' AND d.started_at IS NULL AND a.id IS NOT NULL
           AND (a.renewed_at IS NULL OR a.renewed_at < d.deadline_at OR a.contact_since > s.served_at - $3::int * interval '1 ms')))
       OR (d.state_name <> 'Lost' AND (a.id IS NULL OR a.lease_until IS NULL OR a.lease_until < s.served_at
           OR d.unnamed_since < s.served_at - $2::int * interval '1 ms')))
     ORDER BY d.run_id LIMIT $1::int FOR UPDATE OF d SKIP LOCKED`,
    [limit, UNNAMED_MS, BACK_FOR_MS],
    'overdue-held',
  );
  const waiting = await sql.query<Overdue>(
    `SELECT d.run_id AS "runId", d.state_type AS type, d.state_name AS name, false AS "isHeld", false AS "isSilent", false AS "isUnnamed"
     FROM run_dispatch d CROSS JOIN served_clock s WHERE d.agent_id IS NULL AND d.expires_at < s.served_at
     ORDER BY d.expires_at LIMIT $1::int FOR UPDATE OF d SKIP LOCKED`,
    [limit],
    'overdue-waiting',
  );
  return [...held, ...waiting];
}
