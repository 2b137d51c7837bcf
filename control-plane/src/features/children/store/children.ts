/** Children of a run, by lineage. */
import type { Envelope, RunFailure, RunState, RunStateType } from '@signalbox/proto';
import type { Sql } from '../../../platform/sql.ts';

export type MadeBefore = {
  readonly runId: string;
  readonly name: string;
  readonly deploymentId: string;
  readonly parentEpoch: number;
  readonly parameters: Envelope;
  /** Null while it lives. */
  readonly endedAs: RunStateType | null;
};

/** The newest run that this step of the parent made; null for none. Index: run_parent_step; no day before the parent's own. */
export async function findChildOfStep(sql: Sql, parentId: string, step: string): Promise<MadeBefore | null> {
  const [row] = await sql.query<Omit<MadeBefore, 'parentEpoch'> & { parentEpoch: string }>(
    `SELECT id AS "runId", name, deployment_id AS "deploymentId", parent_epoch AS "parentEpoch", parameters, state_type AS "endedAs"
     FROM run WHERE parent_run_id = $1::uuid AND parent_step = $2 AND id >= $1::uuid ORDER BY id DESC LIMIT 1`,
    [parentId, step],
  );
  return row ? { ...row, parentEpoch: Number(row.parentEpoch) } : null;
}

/** A live run that its parent takes up again: told of its end, and ended with it. Locks it; it is younger than its parent. */
export async function takeUpAgain(sql: Sql, runId: string, parentId: string, onParentEnd: string): Promise<void> {
  await sql.query(
    `UPDATE run_dispatch SET parent_run_id = $2::uuid, on_parent_end = $3
     WHERE run_id = $1::uuid AND (parent_run_id IS DISTINCT FROM $2::uuid OR on_parent_end <> $3)`,
    [runId, parentId, onParentEnd],
  );
}

export type Asked = { readonly runId: string; readonly key: string | null };
export type EndedRow = {
  readonly runId: string;
  readonly name: string;
  readonly type: RunStateType;
  readonly stateName: string;
  readonly message: string | null;
  readonly endedAt: Date;
  readonly result: Envelope | null;
  readonly failure: RunFailure | null;
};
export type FoundRow = { readonly runId: string; readonly ended: EndedRow | null };

/**
 * Of the runs asked for, those that this run may read: its children, and runs made with a key that it names. Others
 * are absent. Primary keys; `low` and `high` name the days.
 */
export async function readRuns(sql: Sql, parentId: string, asked: readonly Asked[]): Promise<FoundRow[]> {
  const ids = asked.map(({ runId }) => runId).sort();
  const rows = await sql.query<EndedRow & { type: RunStateType | null }>(
    `SELECT r.id AS "runId", r.name, r.state_type AS type, r.state_name AS "stateName", r.state_message AS message, r.ended_at AS "endedAt",
       r.result, r.failure
     FROM unnest($2::uuid[], $3::text[]) AS u (id, key) JOIN run r ON r.id = u.id AND r.id >= $4::uuid AND r.id <= $5::uuid
     WHERE r.parent_run_id = $1::uuid OR EXISTS (
       SELECT 1 FROM idempotency_key k
       WHERE k.workspace_id = r.workspace_id AND k.deployment_id = r.deployment_id AND k.key = u.key AND k.run_id = r.id)
     ORDER BY r.id`,
    [parentId, asked.map(({ runId }) => runId), asked.map(({ key }) => key), ids[0], ids.at(-1)],
  );
  return rows.map((row) => ({ runId: row.runId, ended: row.type === null ? null : row }));
}

/** Whether none of these has ended yet, as far as can be told without a lock. Primary keys. */
export async function areAllLive(sql: Sql, runIds: readonly string[]): Promise<boolean> {
  const [row] = await sql.query<{ live: number }>('SELECT count(*)::int AS live FROM run_dispatch WHERE run_id = ANY ($1::uuid[])', [
    runIds,
  ]);
  return row?.live === runIds.length;
}

export function stateOf({ type, stateName, message, endedAt }: EndedRow): RunState {
  return { type, name: stateName, at: endedAt.toISOString(), ...(message === null ? {} : { message }) };
}
