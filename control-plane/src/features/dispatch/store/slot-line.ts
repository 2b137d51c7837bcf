/** Whose turn it is on named limits. */
import type { Sql } from '../../../platform/sql.ts';

/**
 * Runs that wait and for which there is room now, those first in line. As `signalbox_system`. Locks the limits' rows, by
 * id ascending: whoever began to wait while a slot was being freed is seen here, or saw the room.
 */
export function nextInLine(sql: Sql, limitIds: readonly string[]): Promise<{ workspaceId: string; runId: string }[]> {
  return sql.query('SELECT workspace_id AS "workspaceId", run_id AS "runId" FROM wake_line($1::uuid[])', [limitIds], 'wake-line');
}
