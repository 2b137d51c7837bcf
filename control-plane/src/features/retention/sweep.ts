/**
 * Rows that only stand in the way once their time is over. Deleted a few thousand at a time, each lot its own
 * transaction, so that a backlog never holds locks for long.
 */
import type pg from 'pg';

/** What is swept: a table, its key, and when a row is over. Each condition is served by the index its comment names. */
const OVER: readonly { readonly table: string; readonly key: string; readonly over: string }[] = [
  // Answers of claims, repeated for ten minutes; claim_made.
  { table: 'claim', key: 'agent_id, id', over: "made_at < now() - interval '10 minutes'" },
  // idempotency_key_expiry.
  { table: 'idempotency_key', key: 'workspace_id, deployment_id, key', over: 'expires_at < now()' },
  // Few rows, ended jobs of a month ago.
  { table: 'bulk_job', key: 'id', over: "ended_at < now() - interval '30 days'" },
  // Few rows. Kept as long as its workspace keeps runs, and a while for those that were carried over.
  {
    table: 'deleted_deployment',
    key: 'id',
    over: `deleted_at < now() - (SELECT substr(w.retention_class, 2)::int * 2 + 2 FROM workspace w WHERE w.id = deleted_deployment.workspace_id) * interval '1 day'`,
  },
  // Few rows. A month, so that the list of what was minted lately stays whole.
  { table: 'join_code', key: 'id', over: "expires_at < now() - interval '30 days'" },
  // Few rows. A spool is dead when its agent has reported from another since, or is revoked or gone; the watermark of a
  // spool that may come back must stay, or its positions would not be known any more.
  {
    table: 'report_channel',
    key: 'agent_id, spool_id, channel',
    over: `updated_at < now() - interval '7 days' AND (
      EXISTS (SELECT FROM report_channel newer WHERE newer.agent_id = report_channel.agent_id
        AND newer.spool_id <> report_channel.spool_id AND newer.updated_at > report_channel.updated_at)
      OR NOT EXISTS (SELECT FROM agent WHERE agent.id = report_channel.agent_id AND agent.revoked_at IS NULL))`,
  },
  // Ids are by time: the primary key.
  { table: 'refused_report', key: 'id', over: "id < signalbox_day_floor((now() AT TIME ZONE 'UTC')::date - 30)" },
  // What became of instants, as long as runs are kept by default; schedule_fire_age. What waits its turn stays.
  { table: 'schedule_fire', key: 'schedule_id, fire_at', over: "decided_at < now() - interval '30 days' AND outcome <> 'queued'" },
  { table: 'schedule_audit_finding', key: 'schedule_id, fire_at, kind', over: "found_at < now() - interval '30 days'" },
  // Few rows.
  { table: 'schedule_skip', key: 'schedule_id, fire_at', over: "fire_at < now() - interval '30 days'" },
  // Receipts of what runs emitted; custom_event_created.
  { table: 'custom_event', key: 'workspace_id, run_id, id', over: "created_at < now() - interval '30 days'" },
  // A few rows an hour and workspace; usage_hour_age.
  { table: 'usage_hour', key: 'workspace_id, kind, hour', over: "hour < now() - interval '90 days'" },
  // As long as runs are kept by default; failure_member_at. A group goes when it was not seen for a quarter of a year; failure_group_last.
  { table: 'failure_member', key: 'run_id, epoch', over: "at < now() - interval '30 days'" },
  { table: 'failure_group', key: 'id', over: "last_at < now() - interval '90 days'" },
  // Few rows; sla_violation_at.
  { table: 'sla_violation', key: 'id', over: "met_at IS NOT NULL AND at < now() - interval '90 days'" },
  // What came in by webhooks, and what its senders called it: a repeat after a week is a new one; webhook_request_at.
  { table: 'webhook_request', key: 'id', over: "at < now() - interval '7 days'" },
  // The log of what was told; notification_ended.
  { table: 'notification', key: 'id', over: "ended_at < now() - interval '30 days'" },
  // Few rows: sign-in by browser, windows of attempts, sessions.
  { table: 'identity_device_login', key: 'id', over: "expires_at < now() - interval '1 day'" },
  { table: 'identity_rate_limit', key: 'key', over: "window_ends_at < now() - interval '1 hour'" },
  { table: 'identity_session', key: 'id', over: "expires_at < now() - interval '1 day'" },
];

const LOT = 5_000;

/** Deletes what is over; answers how many rows of which table, those with none left out. */
export async function sweep(systemSql: pg.Pool, signal?: AbortSignal): Promise<Record<string, number>> {
  const swept: Record<string, number> = {};
  for (const { table, key, over } of OVER) {
    let deleted: number;
    do {
      if (signal?.aborted) return swept;
      // Rows somebody holds are left for the next turn.
      const { rowCount } = await systemSql.query(
        `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${over} LIMIT ${LOT} FOR UPDATE SKIP LOCKED)`,
      );
      deleted = rowCount ?? 0;
      if (deleted > 0) swept[table] = (swept[table] ?? 0) + deleted;
    } while (deleted === LOT);
  }
  return swept;
}
