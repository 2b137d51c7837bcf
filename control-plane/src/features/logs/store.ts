/** Every query of logs. A row is one report entry of up to 1,000 lines, in an envelope. */
import { type Envelope, openEnvelope } from '@signalbox/proto';
import { LOG_LEVELS, type LogLine } from '@signalbox/proto/messages';
import type { Sql } from '../../platform/sql.ts';
import { storableJson } from '../../platform/storable.ts';

/** One report entry, as it is stored. `n` orders the entries of a (run, epoch). */
export type LogRow = {
  readonly retentionClass: string;
  readonly workspaceId: string;
  readonly runId: string;
  readonly epoch: number;
  readonly n: number;
  readonly at: string;
  readonly lines: readonly LogLine[];
};

/**
 * Adds entries. Appends only: an entry that is there already (replayed after Postgres came back on an older timeline)
 * stays as it is. Partitions are chosen row by row, so no lock is taken on others.
 */
export async function insertLogs(sql: Sql, rows: readonly LogRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql.query(
    `INSERT INTO log (retention_class, workspace_id, run_id, epoch, n, at, max_level, lines)
     SELECT retention_class, workspace_id, run_id, epoch, n, at, max_level, lines::jsonb
     FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::smallint[], $8::text[])
       AS entry (retention_class, workspace_id, run_id, epoch, n, at, max_level, lines)
     ON CONFLICT (retention_class, run_id, epoch, n) DO NOTHING`,
    [
      rows.map((row) => row.retentionClass),
      rows.map((row) => row.workspaceId),
      rows.map((row) => row.runId),
      rows.map((row) => row.epoch),
      rows.map((row) => row.n),
      rows.map((row) => row.at),
      rows.map((row) => Math.max(...row.lines.map((line) => LOG_LEVELS.indexOf(line.level)))),
      rows.map((row) => storableJson(openEnvelope(row.lines))),
    ],
  );
}

/** Place of an entry within a run. */
export type EntryPlace = { readonly epoch: number; readonly n: number };
export type StoredEntry = EntryPlace & { readonly lines: readonly LogLine[] };

/**
 * Entries from `from` on (itself included), ascending, that hold a line of at least `minLevel`: the leaf's primary key
 * in order, from the place on.
 */
export async function readEntries(
  sql: Sql,
  {
    retentionClass,
    runId,
    from,
    minLevel,
    limit,
  }: { retentionClass: string; runId: string; from: EntryPlace; minLevel: number; limit: number },
): Promise<StoredEntry[]> {
  const rows = await sql.query<{ epoch: string | bigint; n: string | bigint; lines: Envelope }>(
    `SELECT epoch, n, lines FROM log
     WHERE retention_class = $1 AND run_id = $2::uuid AND (epoch, n) >= ($3::bigint, $4::bigint) AND max_level >= $5::smallint
     ORDER BY epoch, n LIMIT $6::integer`,
    [retentionClass, runId, from.epoch, from.n, minLevel, limit],
  );
  return rows.map((row) => ({ epoch: Number(row.epoch), n: Number(row.n), lines: row.lines.body as LogLine[] }));
}
