/** Deleting records of runs with all that hangs on them, for one run and for a batch. */
import type { Sql } from '../../platform/sql.ts';

/** Tables of what a run made, all keyed by (retention_class, run_id, ...). */
const MADE_BY_RUNS = ['artifact', 'log', 'task_run', 'run_pause', 'attempt'] as const;

/**
 * Deletes those of `runIds` that have ended and that no legal hold keeps; answers them, those that are live, and those that are held.
 * Locks the records by id, ascending: a retry waits on its record and then finds no run. Transitions lock dispatch rows
 * first: lock none after this. Leaves between the lowest and the highest id are opened, primary keys find the rows.
 */
export async function deleteRecords(
  sql: Sql,
  workspaceId: string,
  runIds: readonly string[],
): Promise<{ deleted: readonly string[]; live: readonly string[]; held: readonly string[] }> {
  const sorted = runIds.toSorted();
  const bounds = [sorted[0] ?? null, sorted.at(-1) ?? null];
  const rows = await sql.query<{ id: string; retention_class: string; has_ended: boolean; held: boolean }>(
    `SELECT id, retention_class, state_type IS NOT NULL AS has_ended, is_held(workspace_id, deployment_id, id) AS held FROM run
      WHERE id = ANY ($1::uuid[]) AND id >= $2::uuid AND id <= $3::uuid AND workspace_id = $4::uuid ORDER BY id FOR UPDATE`,
    [sorted, ...bounds, workspaceId],
  );
  const ended = rows.filter((row) => row.has_ended && !row.held);
  const deleted = ended.map((row) => row.id);
  if (deleted.length > 0) {
    const values = [deleted, ...bounds, [...new Set(ended.map((row) => row.retention_class))]];
    const of = (id: string) =>
      `${id} = ANY ($1::uuid[]) AND ${id} >= $2::uuid AND ${id} <= $3::uuid AND retention_class = ANY ($4::text[])`;
    for (const table of MADE_BY_RUNS) await sql.query(`DELETE FROM ${table} WHERE ${of('run_id')}`, values);
    // idempotency_key_run: the key may be used anew.
    await sql.query('DELETE FROM idempotency_key WHERE run_id = ANY ($1::uuid[])', [deleted]);
    await sql.query(`DELETE FROM run WHERE ${of('id')}`, values);
  }
  const live = rows.filter((row) => !row.has_ended).map((row) => row.id);
  return { deleted, live, held: rows.filter((row) => row.has_ended && row.held).map((row) => row.id) };
}
