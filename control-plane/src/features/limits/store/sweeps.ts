/** Repairs of named limits, in small pieces. As `signalbox_system`. */
import type { Sql } from '../../../platform/sql.ts';

/** Limits for which anybody waits: one index probe a limit, however many wait. Index: limit_waiter_line. */
export async function listWaitedFor(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `WITH RECURSIVE waited (id) AS (
       (SELECT limit_id FROM limit_waiter ORDER BY limit_id LIMIT 1)
       UNION ALL
       SELECT (SELECT w.limit_id FROM limit_waiter w WHERE w.limit_id > waited.id ORDER BY w.limit_id LIMIT 1) FROM waited WHERE waited.id IS NOT NULL
     ) SELECT id FROM waited WHERE id IS NOT NULL`,
    [],
    'waited-for-limits',
  );
  return rows.map((row) => row.id);
}

const RECEIPTS_AT_ONCE = 20_000;
/** What a minute's sweep takes at most: 10,000 requests a second. */
const RECEIPT_TURNS = 30;

/** Receipts that no copy of their request can ask for any more, in pieces. Index: limit_receipt_made. */
export async function deleteOldReceipts(sql: Sql): Promise<void> {
  for (let turn = 0; turn < RECEIPT_TURNS; turn++) {
    const [row] = await sql.query<{ count: number }>(
      `WITH gone AS (
         DELETE FROM limit_receipt WHERE (run_id, request_id) IN (
           SELECT run_id, request_id FROM limit_receipt WHERE made_at < now() - interval '10 minutes' ORDER BY made_at LIMIT $1::int) RETURNING 1
       ) SELECT count(*)::int AS count FROM gone`,
      [RECEIPTS_AT_ONCE],
    );
    if ((row?.count ?? 0) < RECEIPTS_AT_ONCE) return;
  }
}

/** Places in line of those who have not asked for five minutes of served time: they come back at the end of the line. */
export async function deleteSilentWaiters(sql: Sql): Promise<void> {
  await sql.query(`DELETE FROM limit_waiter WHERE asked_at < served_now() - interval '5 minutes'`);
}

/**
 * Slots and places of runs that are not held under that epoch: there are none, since they go in the transaction in which
 * the run leaves it. Looked for all the same; answers the limits in which some were found.
 */
export async function deleteOrphans(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `WITH gone AS (
       DELETE FROM limit_holder h WHERE NOT EXISTS (
         SELECT 1 FROM run_dispatch d WHERE d.run_id = h.run_id AND d.epoch = h.epoch AND d.agent_id IS NOT NULL) RETURNING h.limit_id
     ), left_line AS (
       DELETE FROM limit_waiter w WHERE NOT EXISTS (
         SELECT 1 FROM run_dispatch d WHERE d.run_id = w.run_id AND d.epoch = w.epoch AND d.agent_id IS NOT NULL) RETURNING w.limit_id
     ) SELECT DISTINCT limit_id AS id FROM (SELECT * FROM gone UNION ALL SELECT * FROM left_line) x`,
  );
  return rows.map((row) => row.id);
}
