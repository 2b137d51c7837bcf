/**
 * Questions of runs to people. A run's rows lie in one leaf; each query names class and run, so the primary key serves it.
 * Writers hold the run's dispatch row, which is the lock of all its questions.
 */
import type { Envelope } from '@signalbox/proto';
import type { Approvers, OnExpire, PauseKind } from '@signalbox/proto/messages';
import type { Sql } from '../../platform/sql.ts';

/** Whose question. */
export type PausePlace = { readonly retentionClass: string; readonly runId: string };

export type PauseRow = {
  readonly epoch: number;
  readonly key: string;
  readonly how: PauseKind;
  readonly message: string | null;
  readonly inputSchema: Record<string, unknown> | null;
  readonly timeoutMs: number | null;
  readonly askedBy: string | null;
  readonly askedAt: Date;
  readonly answeredAt: Date | null;
  /** Null once it is answered: its time was up, and its flow is told so. */
  readonly answer: Envelope | null;
  readonly answeredBy: string | null;
  readonly approvers: Approvers | null;
  readonly remindEveryMs: number | null;
  /** Null: `fail`. */
  readonly onExpire: OnExpire | null;
  /** Milliseconds since it was asked, by Postgres' clock. */
  readonly ageMs: number;
};

export type NewPause = Pick<
  PauseRow,
  'key' | 'how' | 'message' | 'inputSchema' | 'timeoutMs' | 'askedBy' | 'approvers' | 'remindEveryMs' | 'onExpire'
>;

const COLUMNS = `p.epoch::float8 AS epoch, p.key, p.how, p.message, p.input_schema AS "inputSchema", p.timeout_ms::float8 AS "timeoutMs",
  p.asked_by AS "askedBy", p.asked_at AS "askedAt", p.answered_at AS "answeredAt", p.answer, p.answered_by AS "answeredBy",
  p.approvers, p.remind_every_ms::float8 AS "remindEveryMs", p.on_expire AS "onExpire",
  greatest(0, extract(epoch FROM clock_timestamp() - p.asked_at) * 1000)::float8 AS "ageMs"`;
const OF_RUN = 'p.retention_class = $1 AND p.run_id = $2::uuid AND p.void_at IS NULL';

/** The newest question under this key, of any epoch of the run; null when it was never asked. */
export async function findPause(sql: Sql, { retentionClass, runId }: PausePlace, key: string): Promise<PauseRow | null> {
  const [row] = await sql.query<PauseRow>(
    `SELECT ${COLUMNS} FROM run_pause p WHERE ${OF_RUN} AND p.key = $3 ORDER BY p.epoch DESC LIMIT 1`,
    [retentionClass, runId, key],
  );
  return row ?? null;
}

/** The question that was asked last and is not answered; of this key, when one is named. */
export async function findOpenPause(sql: Sql, { retentionClass, runId }: PausePlace, key?: string): Promise<PauseRow | null> {
  const [row] = await sql.query<PauseRow>(
    `SELECT ${COLUMNS} FROM run_pause p WHERE ${OF_RUN} AND p.answered_at IS NULL AND ($3::text IS NULL OR p.key = $3)
     ORDER BY p.epoch DESC, p.asked_at DESC, p.key LIMIT 1`,
    [retentionClass, runId, key ?? null],
  );
  return row ?? null;
}

export async function countPauses(sql: Sql, { retentionClass, runId }: PausePlace): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM run_pause p WHERE p.retention_class = $1 AND p.run_id = $2::uuid',
    [retentionClass, runId],
  );
  return row?.count ?? 0;
}

/** Under the epoch that the run has now; its dispatch row is locked by the caller. */
export async function insertPause(sql: Sql, runId: string, pause: NewPause): Promise<void> {
  await sql.query(
    `INSERT INTO run_pause (retention_class, run_id, epoch, key, workspace_id, how, message, input_schema, timeout_ms, asked_by,
       approvers, remind_every_ms, on_expire)
     SELECT d.retention_class, d.run_id, d.epoch, $2, d.workspace_id, $3, $4, $5::jsonb, $6::bigint, $7, $8::jsonb, $9::bigint, $10
     FROM run_dispatch d WHERE d.run_id = $1::uuid`,
    [
      runId,
      pause.key,
      pause.how,
      pause.message,
      pause.inputSchema === null ? null : JSON.stringify(pause.inputSchema),
      pause.timeoutMs,
      pause.askedBy,
      pause.approvers === null ? null : JSON.stringify(pause.approvers),
      pause.remindEveryMs,
      pause.onExpire,
    ],
  );
}

/** False: it was answered before. */
export async function answerPause(
  sql: Sql,
  { retentionClass, runId }: PausePlace,
  pause: PauseRow,
  answer: Envelope,
  by: string,
): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE run_pause SET answered_at = now(), answered_by = $5, answer = $6::jsonb
     WHERE retention_class = $1 AND run_id = $2::uuid AND epoch = $3::bigint AND key = $4 AND answered_at IS NULL AND void_at IS NULL RETURNING key`,
    [retentionClass, runId, pause.epoch, pause.key, by, JSON.stringify(answer)],
  );
  return rows.length > 0;
}

export type ExpiredQuestion = { readonly workspaceId: string; readonly runId: string; readonly key: string };

/**
 * Of runs whose wait is over: those whose flow wants to be told, each with the question whose time was up first; that is answered now.
 * The caller holds their dispatch rows. Not of one that is to leave its process by somebody's wish.
 */
export async function expireOpen(sql: Sql, runIds: readonly string[]): Promise<ExpiredQuestion[]> {
  if (runIds.length === 0) return [];
  return sql.query<ExpiredQuestion>(
    `WITH first AS (
       SELECT DISTINCT ON (p.run_id) p.retention_class, p.run_id, p.epoch, p.key, p.on_expire
       FROM run_dispatch d JOIN run_pause p ON p.retention_class = d.retention_class AND p.run_id = d.run_id
       WHERE d.run_id = ANY($1::uuid[]) AND d.wanted IS NULL AND p.answered_at IS NULL AND p.void_at IS NULL
       ORDER BY p.run_id, p.epoch DESC, p.asked_at + p.timeout_ms * interval '1 millisecond' NULLS LAST, p.key)
     UPDATE run_pause p SET answered_at = now() FROM first
     WHERE p.retention_class = first.retention_class AND p.run_id = first.run_id AND p.epoch = first.epoch AND p.key = first.key
       AND first.on_expire = 'return'
     RETURNING p.workspace_id AS "workspaceId", p.run_id AS "runId", p.key`,
    [runIds],
  );
}

/** A retry by hand asks anew what nobody answered, and with `answered` everything. */
export async function voidPauses(sql: Sql, { retentionClass, runId }: PausePlace, { answered }: { answered: boolean }): Promise<void> {
  await sql.query(
    `UPDATE run_pause SET void_at = now()
     WHERE retention_class = $1 AND run_id = $2::uuid AND void_at IS NULL AND ($3::boolean OR answered_at IS NULL)`,
    [retentionClass, runId, answered],
  );
}
