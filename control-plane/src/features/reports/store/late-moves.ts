/** What an agent says of an epoch that is over: a record beside the attempt, never a transition. */
import type { Sql } from '../../../platform/sql.ts';
import { storableText } from '../../../platform/storable.ts';

export type LateMove = {
  readonly retentionClass: string;
  readonly runId: string;
  readonly epoch: number;
  /** When user code was called, if that is what was told. */
  readonly startedAt: string | null;
  readonly note: string | null;
};

const NOTE_MAX = 1_000;

/** By primary key, in ascending order of runs; the last note on an attempt wins within one group. */
export async function noteLateMoves(sql: Sql, moves: readonly LateMove[]): Promise<void> {
  if (moves.length === 0) return;
  const merged = new Map<string, LateMove>();
  for (const move of moves) {
    const key = `${move.runId} ${move.epoch}`;
    const known = merged.get(key);
    merged.set(key, { ...move, startedAt: move.startedAt ?? known?.startedAt ?? null, note: move.note ?? known?.note ?? null });
  }
  const rows = [...merged.values()].sort((a, b) => (a.runId < b.runId ? -1 : 1));
  await sql.query(
    `UPDATE attempt a SET started_at = coalesce(a.started_at, late.started_at),
       message = CASE WHEN late.note IS NULL OR a.message LIKE '%' || late.note THEN a.message ELSE concat_ws('; ', a.message, late.note) END
     FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::text[]) AS late (retention_class, run_id, epoch, started_at, note)
     WHERE a.retention_class = late.retention_class AND a.run_id = late.run_id AND a.epoch = late.epoch
       AND a.retention_class = ANY ($1::text[]) AND a.run_id = ANY ($2::uuid[])`,
    [
      rows.map((row) => row.retentionClass),
      rows.map((row) => row.runId),
      rows.map((row) => row.epoch),
      rows.map((row) => row.startedAt),
      rows.map((row) => (row.note === null ? null : storableText(row.note.slice(0, NOTE_MAX)))),
    ],
  );
}
