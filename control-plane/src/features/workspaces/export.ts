/**
 * `GET /api/workspaces/export`: all that a workspace has, as JSON lines `{ table, row }`: what was set up first, then runs with
 * what they made, oldest first. Read in the workspace's own transactions, so that row-level security bounds it. No secret.
 * Every table of a workspace is in one of the lists below: a test compares them with the catalog.
 */
import { hideHeaders } from '../../domain/webhook-headers.ts';
import type { Identity } from '../../platform/actor.ts';
import { type Lines, streamLines } from '../../platform/json-lines.ts';
import type { Services } from '../../platform/services.ts';
import { type Sql, sqlOfTx } from '../../platform/sql.ts';
import { authorize } from '../../platform/trpc.ts';

/** In an order in which they could be put back. Each is bounded for a workspace, or by its deployments. */
const SET_UP = [
  'workspace_member',
  'usage_limit',
  'variable',
  'block_type',
  'block',
  'work_pool',
  'work_queue',
  'agent',
  'flow',
  'deployment',
  'deployment_version',
  'deployment_overlay',
  'calendar',
  'schedule',
  'schedule_skip',
  'backfill',
  'named_limit',
  'legal_hold',
  'sla',
  'automation',
  'notification_channel',
  'webhook',
  'asset',
  'asset_edge',
  'incident',
  'incident_entry',
  'incident_link',
  'failure_group',
  'failure_group_deployment',
  'role_grant',
  'api_key',
] as const;
/** What happened, page by page by its id. */
const HISTORY = ['bulk_job', 'automation_firing', 'automation_action', 'notification', 'sla_violation', 'webhook_request'] as const;
const OF_RUNS = ['attempt', 'task_run', 'run_pause', 'artifact', 'log'] as const;
/** Tables that are not in it, and why. */
export const NOT_EXPORTED: Readonly<Record<string, string>> = {
  ...reason('has an export of its own, `GET /api/audit/export`', ['audit_entry']),
  ...reason('is read by `events.list`, over its own retention', [
    'event',
    'event_block',
    'event_change',
    'event_inbox',
    'event_tally',
    'custom_event',
  ]),
  ...reason('is a credential, or leads to one', ['nats_account', 'join_code', 'invitation', 'identity_device_login']),
  ...reason('says what runs at this moment', [
    ...['run_dispatch', 'holder', 'claim', 'limit_holder', 'limit_receipt', 'limit_waiter', 'queue_mark', 'parent_end'],
    ...['report_channel', 'refused_report', 'automation_bucket', 'notification_alert', 'usage_bucket', 'idempotency_key', 'key_saturation'],
  ]),
  ...reason('is read by `assets.materializations`', ['asset_materialization']),
  ...reason('is made of what is in it, or counts it', [
    ...['backfill_fire', 'schedule_fire', 'schedule_audit_finding', 'failure_member', 'usage_hour'],
    'deleted_deployment',
  ]),
};
export const EXPORTED: readonly string[] = [...SET_UP, ...HISTORY, 'run', ...OF_RUNS];

/** Secrets, sealed or hashed, are nobody's to take away. */
const LEFT_OUT: readonly string[] = ['secret_hash', 'code_hash', 'token_hash', 'old_token_hash', 'sealed'];
const RUNS_AT_A_TIME = 100;
const ROWS_AT_A_TIME = 500;

type Cursor =
  | { readonly table: number }
  | { readonly history: number; readonly after: string | null }
  | { readonly afterRun: string | null };

function reason(why: string, tables: readonly string[]): Record<string, string> {
  return Object.fromEntries(tables.map((table) => [table, why]));
}

/** @throws FORBIDDEN without the scope, NOT_FOUND for a workspace that is another's. Also of one in its grace period. */
export function exportWorkspace({ db }: Pick<Services, 'db'>, identity: Identity, ref: string | null): Response {
  const { workspace } = authorize(identity, ref, 'workspace:export');
  return streamLines<Cursor>(`workspace-${workspace.slug}`, (cursor) =>
    db.inWorkspace(workspace.id, (tx) => {
      const at = cursor ?? { table: 0 };
      if ('table' in at) return readTable(sqlOfTx(tx), workspace.id, at.table);
      if ('history' in at) return readHistory(sqlOfTx(tx), workspace.id, at.history, at.after);
      return readRuns(sqlOfTx(tx), workspace.id, at.afterRun);
    }),
  );
}

async function readTable(sql: Sql, workspaceId: string, index: number): Promise<Lines<Cursor>> {
  const table = SET_UP[index];
  if (!table) return { lines: [], next: { history: 0, after: null } };
  const rows = await sql.query<{ row: unknown }>(
    `SELECT to_jsonb(t) - $2::text[] AS row FROM ${table} t WHERE workspace_id = $1::uuid ORDER BY t.ctid`,
    [workspaceId, LEFT_OUT],
  );
  return { lines: rows.map(({ row }) => lineOf(table, row)), next: { table: index + 1 } };
}

async function readHistory(sql: Sql, workspaceId: string, index: number, after: string | null): Promise<Lines<Cursor>> {
  const table = HISTORY[index];
  if (!table) return { lines: [], next: { afterRun: null } };
  const rows = await sql.query<{ id: string; row: unknown }>(
    `SELECT t.id, to_jsonb(t) - $2::text[] AS row FROM ${table} t
     WHERE workspace_id = $1::uuid AND ($3::uuid IS NULL OR id > $3::uuid) ORDER BY id LIMIT ${ROWS_AT_A_TIME}`,
    [workspaceId, LEFT_OUT, after],
  );
  const isFull = rows.length === ROWS_AT_A_TIME;
  const next = isFull ? { history: index, after: rows.at(-1)?.id ?? null } : { history: index + 1, after: null };
  return { lines: rows.map(({ row }) => lineOf(table, row)), next };
}

/** Headers of calls stand within what automations say. */
function lineOf(table: string, row: unknown): { table: string; row: unknown } {
  return { table, row: table.startsWith('automation') ? hideHeaders(row) : row };
}

/** By the index on (workspace, id); what hangs on the runs of the page by their primary keys. */
async function readRuns(sql: Sql, workspaceId: string, after: string | null): Promise<Lines<Cursor>> {
  const runs = await sql.query<{ id: string; row: unknown }>(
    `SELECT t.id, to_jsonb(t) AS row FROM run t WHERE workspace_id = $1::uuid AND ($2::uuid IS NULL OR id > $2::uuid) ORDER BY id LIMIT ${RUNS_AT_A_TIME}`,
    [workspaceId, after],
  );
  const ids = runs.map((run) => run.id);
  const lines: unknown[] = runs.map(({ row }) => ({ table: 'run', row }));
  if (ids.length > 0) {
    for (const table of OF_RUNS) {
      const rows = await sql.query<{ row: unknown }>(
        `SELECT to_jsonb(t) AS row FROM ${table} t WHERE run_id = ANY ($1::uuid[]) AND run_id >= $2::uuid AND run_id <= $3::uuid`,
        [ids, ids[0], ids.at(-1)],
      );
      lines.push(...rows.map(({ row }) => ({ table, row })));
    }
  }
  return { lines, next: runs.length === RUNS_AT_A_TIME ? { afterRun: ids.at(-1) ?? null } : null };
}
