/** Every query of artifacts. */
import { type Envelope, uuidv7 } from '@signalbox/proto';
import type { ArtifactEntry } from '@signalbox/proto/messages';
import type { Sql } from '../../platform/sql.ts';
import { storableJson, storableText } from '../../platform/storable.ts';

export type ArtifactRow = {
  readonly retentionClass: string;
  readonly workspaceId: string;
  readonly runId: string;
  readonly entry: ArtifactEntry;
};

/**
 * Stores the newest version of each artifact by its ordinal; an older entry never overwrites a newer one. Its id and
 * the instant of its first version stay.
 */
export async function upsertArtifacts(sql: Sql, rows: readonly ArtifactRow[]): Promise<void> {
  if (rows.length === 0) return;
  const newest = newestByOrdinal(rows);
  const column = <T>(read: (row: ArtifactRow) => T) => newest.map(read);
  await sql.query(
    `INSERT INTO artifact AS stored (retention_class, workspace_id, run_id, epoch, ordinal, id, n, kind, key, description, data,
       task_ordinal, created_at, updated_at)
     SELECT retention_class, workspace_id, run_id, epoch, ordinal, id, n, kind, key, description, data::jsonb, task_ordinal, at, at
     FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::bigint[], $5::integer[], $6::uuid[], $7::bigint[], $8::text[], $9::text[],
       $10::text[], $11::text[], $12::integer[], $13::timestamptz[])
       AS entry (retention_class, workspace_id, run_id, epoch, ordinal, id, n, kind, key, description, data, task_ordinal, at)
     ON CONFLICT (retention_class, run_id, epoch, ordinal) DO UPDATE SET
       n = excluded.n, kind = excluded.kind, key = excluded.key, description = excluded.description, data = excluded.data,
       task_ordinal = excluded.task_ordinal, updated_at = excluded.updated_at
     WHERE excluded.n > stored.n`,
    [
      column((row) => row.retentionClass),
      column((row) => row.workspaceId),
      column((row) => row.runId),
      column(({ entry }) => entry.epoch),
      column(({ entry }) => entry.ordinal),
      column(() => uuidv7(Date.now())),
      column(({ entry }) => entry.n),
      column(({ entry }) => entry.kind),
      column(({ entry }) => entry.key),
      column(({ entry }) => (entry.description === null ? null : storableText(entry.description))),
      column(({ entry }) => storableJson(entry.data)),
      column(({ entry }) => entry.taskOrdinal),
      column(({ entry }) => entry.at),
    ],
  );
}

function newestByOrdinal(rows: readonly ArtifactRow[]): ArtifactRow[] {
  const newest = new Map<string, ArtifactRow>();
  for (const row of rows) {
    const key = `${row.runId}${row.entry.epoch}.${row.entry.ordinal}`;
    const known = newest.get(key);
    if (!known || known.entry.n < row.entry.n) newest.set(key, row);
  }
  return [...newest.values()];
}

export type StoredRow = {
  readonly id: string;
  readonly epoch: string | bigint;
  readonly kind: string;
  readonly key: string | null;
  readonly description: string | null;
  readonly data: Envelope;
  readonly task_ordinal: number | null;
  readonly created_at: Date;
  readonly updated_at: Date;
};

/** The newest `limit` artifacts of a run, in the order in which they were made: the leaf's primary key, backwards. */
export async function readArtifacts(sql: Sql, retentionClass: string, runId: string, limit: number): Promise<StoredRow[]> {
  const rows = await sql.query<StoredRow>(
    `SELECT id, epoch, kind, key, description, data, task_ordinal, created_at, updated_at
     FROM artifact WHERE retention_class = $1 AND run_id = $2::uuid ORDER BY epoch DESC, ordinal DESC LIMIT $3::integer`,
    [retentionClass, runId, limit],
  );
  return rows.reverse();
}
