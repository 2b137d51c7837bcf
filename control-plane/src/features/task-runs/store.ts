/** Every query of task runs. The hot path of reports: one statement for all transitions of a batch. */
import { isTerminal, type RunFailure } from '@signalbox/proto';
import type { TaskState } from '@signalbox/proto/messages';
import type { Sql } from '../../platform/sql.ts';
import { storableJson, storableText } from '../../platform/storable.ts';

/** A transition, with what is known of its run. */
export type TaskRunRow = {
  readonly retentionClass: string;
  readonly workspaceId: string;
  readonly runId: string;
  readonly entry: TaskState;
  /** Told of an epoch that had ended before. */
  readonly isLate?: boolean;
};

/** With an end for each task run that such an epoch leaves running: the last that its agent told of it is not what it is. */
export function withEnds(rows: readonly TaskRunRow[]): TaskRunRow[] {
  const open = newestByTaskRun(rows.filter(({ isLate }) => isLate)).filter(({ entry }) => !isTerminal(entry.state));
  const message = 'its run ended first, its agent told of it later';
  const ends = open.map((row): TaskRunRow => {
    const entry: TaskState = { ...row.entry, state: 'CRASHED', stateName: 'Crashed', message, endedAt: row.entry.at };
    return { ...row, entry };
  });
  return [...rows, ...ends];
}

/**
 * Stores the newest transition of each task run; an older `seq` never overwrites a newer one. Last by `seq` is found
 * here first, since a statement may touch a row once only. Nothing but the primary key is indexed, so that an update
 * stays on its page (HOT).
 */
export async function upsertTaskRuns(sql: Sql, rows: readonly TaskRunRow[]): Promise<void> {
  if (rows.length === 0) return;
  const newest = newestByTaskRun(rows);
  const column = <T>(read: (row: TaskRunRow) => T) => newest.map(read);
  await sql.query(
    `INSERT INTO task_run AS stored (retention_class, workspace_id, run_id, epoch, ordinal, kind, task_key, name, parent_ordinal,
       upstream, seq, state_type, state_name, attempt, message, failure, started_at, ended_at)
     SELECT retention_class, workspace_id, run_id, epoch, ordinal, kind, task_key, name, parent_ordinal,
       upstream::integer[], seq, state_type, state_name, attempt, message, failure::jsonb, started_at, ended_at
     FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::bigint[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::integer[],
       $10::text[], $11::integer[], $12::text[], $13::text[], $14::integer[], $15::text[], $16::text[], $17::timestamptz[], $18::timestamptz[])
       AS entry (retention_class, workspace_id, run_id, epoch, ordinal, kind, task_key, name, parent_ordinal,
         upstream, seq, state_type, state_name, attempt, message, failure, started_at, ended_at)
     ON CONFLICT (retention_class, run_id, epoch, ordinal) DO UPDATE SET
       kind = excluded.kind, task_key = excluded.task_key, name = excluded.name, parent_ordinal = excluded.parent_ordinal,
       upstream = excluded.upstream, seq = excluded.seq, state_type = excluded.state_type, state_name = excluded.state_name,
       attempt = excluded.attempt, message = excluded.message, failure = excluded.failure,
       started_at = excluded.started_at, ended_at = excluded.ended_at
     WHERE excluded.seq > stored.seq`,
    [
      column((row) => row.retentionClass),
      column((row) => row.workspaceId),
      column((row) => row.runId),
      column(({ entry }) => entry.epoch),
      column(({ entry }) => entry.ordinal),
      column(({ entry }) => entry.kind),
      column(({ entry }) => storableText(entry.taskKey)),
      column(({ entry }) => storableText(entry.name)),
      column(({ entry }) => entry.parentOrdinal),
      column(({ entry }) => `{${entry.upstream}}`),
      column(({ entry }) => entry.seq),
      column(({ entry }) => entry.state),
      column(({ entry }) => storableText(entry.stateName)),
      column(({ entry }) => entry.attempt),
      column(({ entry }) => (entry.message === undefined ? null : storableText(entry.message))),
      column(({ entry }) => (entry.failure === undefined ? null : storableJson(entry.failure))),
      column(({ entry }) => entry.startedAt),
      column(({ entry }) => entry.endedAt),
    ],
  );
}

function newestByTaskRun(rows: readonly TaskRunRow[]): TaskRunRow[] {
  const newest = new Map<string, TaskRunRow>();
  for (const row of rows) {
    const key = `${row.runId}${row.entry.epoch}.${row.entry.ordinal}`;
    const known = newest.get(key);
    if (!known || known.entry.seq <= row.entry.seq) newest.set(key, row);
  }
  return [...newest.values()];
}

export type StoredTaskRun = {
  readonly epoch: number;
  readonly ordinal: number;
  readonly kind: string;
  readonly task_key: string;
  readonly name: string;
  readonly parent_ordinal: number | null;
  readonly upstream: number[];
  readonly state_type: string;
  readonly state_name: string;
  readonly attempt: number;
  readonly message: string | null;
  readonly failure: RunFailure | null;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
};

/** Epoch of the attempt that a person who names none wants to see: the one under way, else the newest that ran tasks. */
export async function newestEpoch(sql: Sql, retentionClass: string, runId: string): Promise<number> {
  const [row] = await sql.query<{ epoch: string | bigint | null }>(
    `SELECT coalesce(
       (SELECT epoch FROM run_dispatch WHERE run_id = $2::uuid AND granted_at IS NOT NULL),
       (SELECT max(epoch) FROM task_run WHERE retention_class = $1 AND run_id = $2::uuid)) AS epoch`,
    [retentionClass, runId],
  );
  return Number(row?.epoch ?? 0);
}

/** Task runs of one attempt after an ordinal, ascending: a stretch of the leaf's primary key. */
export function readTaskRuns(
  sql: Sql,
  {
    retentionClass,
    runId,
    epoch,
    afterOrdinal,
    limit,
  }: { retentionClass: string; runId: string; epoch: number; afterOrdinal: number; limit: number },
): Promise<StoredTaskRun[]> {
  return sql.query<StoredTaskRun>(
    `SELECT epoch, ordinal, kind, task_key, name, parent_ordinal, upstream, state_type, state_name, attempt, message, failure, started_at, ended_at
     FROM task_run WHERE retention_class = $1 AND run_id = $2::uuid AND epoch = $3::bigint AND ordinal > $4::integer
     ORDER BY ordinal LIMIT $5::integer`,
    [retentionClass, runId, epoch, afterOrdinal, limit],
  );
}
