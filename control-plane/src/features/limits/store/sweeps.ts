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

/**
 * Notes for which limits somebody waits; what has lasted for `holdSeconds` is told by an event, once an edge. Looks at those that are
 * waited for, and by named_limit_told at those that were; passes over what a taker has locked, until the next second.
 */
export async function tellSaturation(sql: Sql, waitedFor: readonly string[], holdSeconds: number): Promise<void> {
  await sql.query(
    `WITH seen AS MATERIALIZED (
       SELECT id, id = ANY ($1::uuid[]) AS is_waited, id = ANY ($1::uuid[]) <> told_saturated AS differs, differs_since AS since FROM named_limit
        WHERE id = ANY ($1::uuid[]) OR told_saturated OR differs_since IS NOT NULL ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
     ), noted AS (
       UPDATE named_limit l SET differs_since = CASE WHEN s.differs THEN now() END FROM seen s WHERE l.id = s.id AND s.differs = (s.since IS NULL)
     ), told AS (
       UPDATE named_limit l SET told_saturated = s.is_waited, differs_since = NULL FROM seen s
        WHERE l.id = s.id AND s.differs AND s.since <= now() - make_interval(secs => $2::float8)
       RETURNING l.id, l.workspace_id, l.name, l.slots, s.is_waited
     )
     INSERT INTO event_inbox (workspace_id, name, resource, payload)
     SELECT workspace_id, CASE WHEN is_waited THEN 'limit.saturated' ELSE 'limit.available' END,
       jsonb_build_object('uuid', id, 'kind', 'limit', 'name', name),
       jsonb_build_object('slots', slots, 'held', (SELECT coalesce(sum(h.slots), 0) FROM limit_holder h WHERE h.limit_id = told.id),
         'waiting', (SELECT count(*) FROM limit_waiter w WHERE w.limit_id = told.id))
     FROM told`,
    [waitedFor, holdSeconds],
  );
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
