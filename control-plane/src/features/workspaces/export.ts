/**
 * `GET /api/workspaces/export`: all that a workspace has, as JSON lines `{ table, row }`: what was set up first, then runs with
 * what they made, oldest first. Read in the workspace's own transactions, so that row-level security bounds it. No secret.
 */
import type { Identity } from '../../platform/actor.ts';
import { type Lines, streamLines } from '../../platform/json-lines.ts';
import type { Services } from '../../platform/services.ts';
import { type Sql, sqlOfTx } from '../../platform/sql.ts';
import { authorize } from '../../platform/trpc.ts';

/** In an order in which they could be put back. */
const SET_UP = [
  'workspace_member',
  'work_pool',
  'work_queue',
  'agent',
  'flow',
  'deployment',
  'deployment_version',
  'deployment_overlay',
  'calendar',
  'schedule',
  'backfill',
  'named_limit',
  'role_grant',
  'api_key',
] as const;
const OF_RUNS = ['attempt', 'task_run', 'run_pause', 'artifact', 'log'] as const;
/** Hashes of secrets are nobody's to take away. */
const LEFT_OUT: readonly string[] = ['secret_hash', 'code_hash', 'token_hash'];
const RUNS_AT_A_TIME = 100;

type Cursor = { readonly table: number } | { readonly afterRun: string | null };

/** @throws FORBIDDEN without the scope, NOT_FOUND for a workspace that is another's. Also of one in its grace period. */
export function exportWorkspace({ db }: Pick<Services, 'db'>, identity: Identity, ref: string | null): Response {
  const { workspace } = authorize(identity, ref, 'workspace:export');
  return streamLines<Cursor>(`workspace-${workspace.slug}`, (cursor) =>
    db.inWorkspace(workspace.id, (tx) => {
      const at = cursor ?? { table: 0 };
      return 'table' in at ? readTable(sqlOfTx(tx), workspace.id, at.table) : readRuns(sqlOfTx(tx), workspace.id, at.afterRun);
    }),
  );
}

async function readTable(sql: Sql, workspaceId: string, index: number): Promise<Lines<Cursor>> {
  const table = SET_UP[index];
  if (!table) return { lines: [], next: { afterRun: null } };
  const rows = await sql.query<{ row: unknown }>(
    `SELECT to_jsonb(t) - $2::text[] AS row FROM ${table} t WHERE workspace_id = $1::uuid ORDER BY t.ctid`,
    [workspaceId, LEFT_OUT],
  );
  return { lines: rows.map(({ row }) => ({ table, row })), next: { table: index + 1 } };
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
