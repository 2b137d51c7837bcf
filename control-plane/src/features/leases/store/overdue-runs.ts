/** Runs whose owner or whose deadline is gone, by served time. As `signalbox_system`. */
import type { Sql } from '../../../platform/sql.ts';

/** How long an agent that is there may leave a run unnamed, served time. */
export const UNNAMED_MS = 15_000;

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
 * many wait), the others by their deadline through run_dispatch_expiry. A Lost run waits for its own deadline alone.
 */
export async function lockOverdueRuns(sql: Sql, limit: number): Promise<Overdue[]> {
  const held = await sql.query<Overdue>(
    `SELECT d.run_id AS "runId", d.state_type AS type, d.state_name AS name, true AS "isHeld",
       a.id IS NULL OR a.lease_until IS NULL OR a.lease_until < s.served_at AS "isSilent",
       coalesce(d.unnamed_since < s.served_at - $2::int * interval '1 ms', false) AS "isUnnamed"
     FROM run_dispatch d CROSS JOIN served_clock s LEFT JOIN agent a ON a.id = d.agent_id
     WHERE d.agent_id IS NOT NULL AND (
       d.deadline_at < s.served_at
       OR (d.state_name <> 'Lost' AND (a.id IS NULL OR a.lease_until IS NULL OR a.lease_until < s.served_at
           OR d.unnamed_since < s.served_at - $2::int * interval '1 ms')))
     ORDER BY d.run_id LIMIT $1::int FOR UPDATE OF d SKIP LOCKED`,
    [limit, UNNAMED_MS],
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
