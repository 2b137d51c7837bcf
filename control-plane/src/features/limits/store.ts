/** Queries of limits as people see them. What is taken, and who waits, are the rows that the gate itself counts. */
import { isId, toId, toUuid } from '@signalbox/proto';
import type { Limit, LimitHolder, LimitWaiter } from '@signalbox/proto/api';
import type { Tx } from '../../platform/db.ts';
import { notFound } from '../../platform/errors.ts';
import { sqlOfTx } from '../../platform/sql.ts';

/** Waiters are counted up to here; more is shown as this number. */
const WAITING_COUNT_MAX = 10_000;

type Row = {
  id: string;
  name: string;
  description: string;
  slots: number;
  active: boolean;
  decay_per_second: number | null;
  taken: number;
  waiting: number;
  created_at: Date;
  updated_at: Date;
};

/** Newest first, after an id. `onlyId` narrows to one. Indexes: named_limit_workspace, limit_holder_limit, limit_waiter_line. */
export async function readLimits(
  tx: Tx,
  page: { workspaceId: string; onlyId: string | null; before: string | null; limit: number },
): Promise<{ id: string; shown: Limit }[]> {
  const rows = await sqlOfTx(tx).query<Row>(
    `SELECT l.id, l.name, l.description, l.slots, l.active, l.decay_per_second, l.created_at, l.updated_at,
            CASE WHEN l.decay_per_second IS NULL THEN (SELECT coalesce(sum(h.slots), 0)::float8 FROM limit_holder h WHERE h.limit_id = l.id)
              ELSE bucket_now(l.bucket_level, l.bucket_at, l.decay_per_second, clock_timestamp()) END AS taken,
            (SELECT count(*)::int FROM (SELECT 1 FROM limit_waiter w WHERE w.limit_id = l.id LIMIT $5::int) x) AS waiting
       FROM named_limit l
      WHERE l.workspace_id = $1::uuid AND ($2::uuid IS NULL OR l.id = $2::uuid) AND ($3::uuid IS NULL OR l.id < $3::uuid)
      ORDER BY l.id DESC LIMIT $4::int`,
    [page.workspaceId, page.onlyId, page.before, page.limit, WAITING_COUNT_MAX],
  );
  return rows.map((row) => ({ id: row.id, shown: show(row) }));
}

/** The limit's id, with its row locked (`'lock'`), by name or id. @throws NOT_FOUND */
export async function limitIdOf(tx: Tx, workspaceId: string, ref: string, lock: 'lock' | 'read' = 'read'): Promise<string> {
  const id = isId('limit', ref) ? toUuid('limit', ref) : null;
  // Primary key, or the unique index of (workspace, name).
  const [row] = await sqlOfTx(tx).query<{ id: string }>(
    `SELECT id FROM named_limit WHERE workspace_id = $1::uuid AND ${id ? 'id = $2::uuid' : 'name = $2'} ${lock === 'lock' ? 'FOR NO KEY UPDATE' : ''}`,
    [workspaceId, id ?? ref],
  );
  if (!row) throw notFound('limit', ref);
  return row.id;
}

type OccupantRow = {
  run_id: string;
  run_name: string;
  request_id: string;
  slots: number;
  task_ordinal: number | null;
  task_name: string | null;
};

/** Who holds it, longest first, after a place. Index: limit_holder_limit; the runs by primary keys. */
export async function readHolders(
  tx: Tx,
  page: { limitId: string; after: { at: string; request: string } | null; limit: number },
): Promise<{ place: string; shown: LimitHolder }[]> {
  const rows = await sqlOfTx(tx).query<OccupantRow & { taken_at: Date; place: string }>(
    `SELECT h.*, r.name AS run_name FROM (
       SELECT run_id, request_id, slots, task_ordinal, task_name, taken_at, taken_at::text AS place FROM limit_holder
       WHERE limit_id = $1::uuid AND ($2::timestamptz IS NULL OR (taken_at, request_id) > ($2::timestamptz, $3::uuid))
       ORDER BY taken_at, request_id LIMIT $4::int) h
     JOIN run_dispatch d ON d.run_id = h.run_id
     JOIN run r ON r.retention_class = d.retention_class AND r.id = d.run_id
     ORDER BY h.taken_at, h.request_id`,
    [page.limitId, page.after?.at ?? null, page.after?.request ?? null, page.limit],
  );
  return rows.map((row) => ({
    place: `${row.place}|${row.request_id}`,
    shown: { ...showOccupant(row), since: row.taken_at.toISOString() },
  }));
}

/** Who waits, in line, after a place. Index: limit_waiter_line; the runs by primary keys. */
export async function readWaiters(
  tx: Tx,
  page: { limitId: string; after: string | null; limit: number },
): Promise<{ place: string; shown: LimitWaiter }[]> {
  const rows = await sqlOfTx(tx).query<OccupantRow & { since: Date; line: string; silent: boolean }>(
    `SELECT w.*, r.name AS run_name FROM (
       SELECT run_id, request_id, slots, task_ordinal, task_name, since, line::text, asked_at <= served_now() - waiter_silence() AS silent
       FROM limit_waiter WHERE limit_id = $1::uuid AND line > coalesce($2::bigint, 0) ORDER BY line LIMIT $3::int) w
     JOIN run_dispatch d ON d.run_id = w.run_id
     JOIN run r ON r.retention_class = d.retention_class AND r.id = d.run_id
     ORDER BY w.line::bigint`,
    [page.limitId, page.after, page.limit],
  );
  return rows.map((row) => ({ place: row.line, shown: { ...showOccupant(row), since: row.since.toISOString(), isSilent: row.silent } }));
}

/** Frees what one request holds of a limit; false when it holds nothing. Primary key. */
export async function deleteHolder(tx: Tx, of: { limitId: string; runId: string; requestId: string }): Promise<boolean> {
  const rows = await sqlOfTx(tx).query(
    'DELETE FROM limit_holder WHERE run_id = $1::uuid AND request_id = $2::uuid AND limit_id = $3::uuid RETURNING 1',
    [of.runId, of.requestId, of.limitId],
  );
  return rows.length > 0;
}

/** Runs that wait for a limit, at most 1,000: more ask by themselves within seconds. Index: limit_waiter_line. */
export function waitingRuns(tx: Tx, limitId: string): Promise<{ workspaceId: string; runId: string }[]> {
  return sqlOfTx(tx).query(
    `SELECT DISTINCT workspace_id AS "workspaceId", run_id AS "runId" FROM (
       SELECT workspace_id, run_id FROM limit_waiter WHERE limit_id = $1::uuid ORDER BY line LIMIT 1000) w`,
    [limitId],
  );
}

/** Settles a rate's bucket at this instant, before its decay changes; empties that of a limit that becomes a rate. */
export async function settleBucket(tx: Tx, limitId: string): Promise<void> {
  await sqlOfTx(tx).query(
    `UPDATE named_limit SET bucket_at = clock_timestamp(), bucket_level =
       CASE WHEN decay_per_second IS NULL THEN 0 ELSE bucket_now(bucket_level, bucket_at, decay_per_second, clock_timestamp()) END
     WHERE id = $1::uuid RETURNING 1`,
    [limitId],
  );
}

function show(row: Row): Limit {
  return {
    id: toId('limit', row.id),
    name: row.name,
    description: row.description,
    slots: row.slots,
    active: row.active,
    decayPerSecond: row.decay_per_second,
    taken: row.taken,
    waiting: row.waiting,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

function showOccupant(row: OccupantRow) {
  return {
    run: { id: toId('run', row.run_id), name: row.run_name },
    task: row.task_ordinal === null ? null : { ordinal: row.task_ordinal, name: row.task_name ?? '' },
    slots: row.slots,
    request: row.request_id,
  };
}
