/** The name that a run's code gave it, in its record. */
import type { Sql } from '../../../platform/sql.ts';

export type RunNameRow = { readonly retentionClass: string; readonly runId: string; readonly name: string };

/** By primary key. Behind the runs' dispatch rows, which the transition locked: the order in which a run ends. */
export async function nameRuns(sql: Sql, rows: readonly RunNameRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql.query(
    `UPDATE run r SET name = named.name
     FROM unnest($1::text[], $2::uuid[], $3::text[]) AS named (retention_class, run_id, name)
     WHERE r.retention_class = named.retention_class AND r.id = named.run_id
       AND r.retention_class = ANY ($1::text[]) AND r.id = ANY ($2::uuid[]) AND r.name IS DISTINCT FROM named.name`,
    [rows.map((row) => row.retentionClass), rows.map((row) => row.runId), rows.map((row) => row.name)],
  );
}
