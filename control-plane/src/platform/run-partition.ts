/** Everything of a run lies in the partition of its retention class and of the day its id carries. */
import { toId } from '@signalbox/proto';
import { notFound } from './errors.ts';
import type { Sql } from './sql.ts';

/**
 * The retention class of a run, with which further queries by (retention_class, run_id) touch one leaf only.
 * The id alone prunes to one day a class, and the primary key finds it there.
 * @throws NOT_FOUND when there is none in this workspace.
 */
export async function retentionClassOf(sql: Sql, workspaceId: string, runId: string): Promise<string> {
  const [row] = await sql.query<{ retention_class: string }>(
    'SELECT retention_class FROM run WHERE id = $1::uuid AND workspace_id = $2::uuid',
    [runId, workspaceId],
  );
  if (!row) throw notFound('run', toId('run', runId));
  return row.retention_class;
}
