/** Parents whose children are to be told of their end. As `signalbox_system`. */
import type { Sql } from '../../../platform/sql.ts';

export type ParentEnd = { readonly id: string; readonly runId: string; readonly stateName: string };
const PARENTS_AT_ONCE = 100;

/** The oldest, locked, SKIP LOCKED. Order: id, by primary key. */
export function lockParentEnds(sql: Sql): Promise<ParentEnd[]> {
  return sql.query(
    `SELECT id::text, run_id AS "runId", state_name AS "stateName" FROM parent_end ORDER BY id LIMIT ${PARENTS_AT_ONCE} FOR UPDATE SKIP LOCKED`,
    [],
    'lock-parent-ends',
  );
}

/**
 * Their live children that go with them and were not told yet, by id ascending. A parent that was retried meanwhile has its
 * children again. Index: run_dispatch_parent.
 */
export function childrenToTell(sql: Sql, ends: readonly ParentEnd[], limit: number): Promise<{ runId: string; parentRunId: string }[]> {
  return sql.query(
    `SELECT d.run_id AS "runId", d.parent_run_id AS "parentRunId" FROM run_dispatch d
     WHERE d.parent_run_id = ANY ($1::uuid[]) AND d.on_parent_end = 'cancel' AND d.state_type <> 'CANCELLING'
       AND NOT EXISTS (SELECT 1 FROM run_dispatch p WHERE p.run_id = d.parent_run_id AND p.state_type <> 'CANCELLING')
     ORDER BY d.run_id LIMIT $2::int`,
    [ends.map(({ runId }) => runId), limit],
    'children-to-tell',
  );
}

export async function deleteParentEnds(sql: Sql, ends: readonly ParentEnd[]): Promise<void> {
  await sql.query('DELETE FROM parent_end WHERE id = ANY ($1::bigint[])', [ends.map(({ id }) => id)], 'delete-parent-ends');
}
