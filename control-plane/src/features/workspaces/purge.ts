/** Deletes workspaces for good whose grace is over: runs in batches first, then the workspace with all that hangs on it. */
import type { Db } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import type { AgentCredentials } from '../../platform/services.ts';
import type { ShardLeases } from '../../platform/shards.ts';
import { inTransaction } from '../../platform/transaction.ts';

const EVERY_MS = 60_000;
const RUNS_AT_A_TIME = 1_000;
/** What has a workspace and no foreign key to it: partitioned, or written too often for one. Children of runs before runs. */
const OF_RUNS = ['artifact', 'log', 'task_run', 'run_pause', 'attempt'] as const;

export type PurgeDeps = {
  readonly db: Pick<Db, 'systemSql'>;
  readonly credentials: Pick<AgentCredentials, 'revokeAgent'>;
  readonly shards: ShardLeases;
  readonly log: LoopLog;
};

export function startWorkspacePurge(deps: PurgeDeps): Loop {
  return startLoop({
    name: 'workspace-purge',
    everyMs: EVERY_MS,
    log: deps.log,
    run: async (signal) => {
      if ((await deps.shards.hold('workspace-purge', 0)) === null) return;
      const purged = await purgeWorkspaces(deps, signal);
      if (purged.length > 0) deps.log.info({ purged }, 'workspaces deleted for good');
    },
  });
}

/** Ids of those that went. Whatever is left of one by a failure goes the next time. */
export async function purgeWorkspaces(deps: Pick<PurgeDeps, 'db' | 'credentials'>, signal?: AbortSignal): Promise<string[]> {
  const { systemSql } = deps.db;
  const due = await systemSql.query<{ id: string }>('SELECT id FROM workspace WHERE purge_at <= now() ORDER BY purge_at LIMIT 10');
  const purged: string[] = [];
  for (const { id } of due.rows) {
    const agents = await systemSql.query<{ public_key: string }>(
      'SELECT public_key FROM agent WHERE workspace_id = $1 AND revoked_at IS NULL',
      [id],
    );
    for (const agent of agents.rows) await deps.credentials.revokeAgent(id, agent.public_key);
    await systemSql.query('UPDATE agent SET revoked_at = coalesce(revoked_at, now()) WHERE workspace_id = $1', [id]);
    while (!signal?.aborted && (await deleteRuns(deps.db, id)) > 0);
    if (signal?.aborted) break;
    if (await deleteRest(deps.db, id)) purged.push(id);
  }
  return purged;
}

/** One batch, live or not: nobody serves it any more. */
function deleteRuns({ systemSql }: Pick<Db, 'systemSql'>, workspaceId: string): Promise<number> {
  return inTransaction(systemSql, async (sql) => {
    const runs = await sql.query<{ id: string }>(`SELECT id FROM run WHERE workspace_id = $1 ORDER BY id DESC LIMIT ${RUNS_AT_A_TIME}`, [
      workspaceId,
    ]);
    if (runs.length === 0) return 0;
    const ids = runs.map((run) => run.id);
    await sql.query('DELETE FROM holder WHERE run_id = ANY ($1::uuid[])', [ids]);
    await sql.query('DELETE FROM run_dispatch WHERE run_id = ANY ($1::uuid[])', [ids]);
    for (const table of OF_RUNS)
      await sql.query(`DELETE FROM ${table} WHERE workspace_id = $1 AND run_id = ANY ($2::uuid[])`, [workspaceId, ids]);
    await sql.query('DELETE FROM run WHERE workspace_id = $1 AND id = ANY ($2::uuid[])', [workspaceId, ids]);
    return runs.length;
  });
}

/** Tables without a foreign key are found in the catalog, so that one that is added later is not forgotten; the audit stays. */
function deleteRest({ systemSql }: Pick<Db, 'systemSql'>, workspaceId: string): Promise<boolean> {
  return inTransaction(systemSql, async (sql) => {
    // Restored in the last moment: it stays.
    const [still] = await sql.query('SELECT 1 FROM workspace WHERE id = $1 AND purge_at <= now() FOR UPDATE', [workspaceId]);
    if (!still) return false;
    const tables = await sql.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'audit_entry'
          AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid = 'workspace'::regclass)`,
    );
    for (const { name } of tables) await sql.query(`DELETE FROM "${name}" WHERE workspace_id = $1`, [workspaceId]);
    await sql.query('DELETE FROM workspace WHERE id = $1', [workspaceId]);
    return true;
  });
}
