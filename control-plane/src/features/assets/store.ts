/** Reading assets, their history and their lineage. */
import { toId } from '@signalbox/proto';
import type { Asset, AssetGraph, Materialization } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';

type Row = Omit<Asset, 'lastMaterializedAt' | 'lastFailedAt' | 'lastRun' | 'createdAt'> & {
  readonly lastMaterializedAt: Date | null;
  readonly lastFailedAt: Date | null;
  readonly lastRunId: string | null;
  readonly createdAt: Date;
};
const COLUMNS = `a.uri, a.name, a.description, a.url, a.owners, a.last_materialized_at AS "lastMaterializedAt",
  a.last_failed_at AS "lastFailedAt", a.last_run_id AS "lastRunId", a.created_at AS "createdAt",
  (SELECT count(*)::int FROM asset_edge e WHERE e.workspace_id = a.workspace_id AND e.downstream = a.uri) AS upstream,
  (SELECT count(*)::int FROM asset_edge e WHERE e.workspace_id = a.workspace_id AND e.upstream = a.uri) AS downstream`;

/** Primary key, after the last one of the page before; the rest is looked at row by row. No lock. */
export async function readAssets(
  sql: Sql,
  workspaceId: string,
  { text, staleMs, after, limit }: { text: string; staleMs: number | null; after: string; limit: number },
): Promise<Asset[]> {
  const rows = await sql.query<Row>(
    `SELECT ${COLUMNS} FROM asset a
     WHERE a.workspace_id = $1::uuid AND a.uri > $2 AND ($3 = '' OR position(lower($3) IN lower(concat_ws(' ', a.uri, a.name))) > 0)
       AND ($4::bigint IS NULL OR a.last_materialized_at IS NULL OR a.last_materialized_at < now() - $4 * interval '1 millisecond')
     ORDER BY a.uri LIMIT $5::int`,
    [workspaceId, after, text, staleMs, limit],
  );
  return rows.map(show);
}

export async function findAsset(sql: Sql, workspaceId: string, uri: string): Promise<Asset | null> {
  const [row] = await sql.query<Row>(`SELECT ${COLUMNS} FROM asset a WHERE a.workspace_id = $1::uuid AND a.uri = $2`, [workspaceId, uri]);
  return row ? show(row) : null;
}

/** Newest first, by asset_materialization_last. */
export async function readMaterializations(sql: Sql, workspaceId: string, uri: string, limit: number): Promise<Materialization[]> {
  const rows = await sql.query<Omit<Materialization, 'at' | 'run' | 'taskRun'> & { at: Date; runId: string; taskRun: string }>(
    `SELECT at, outcome, run_id AS "runId", run_name AS "runName", flow, task_run AS "taskRun", metadata->'body' AS metadata, upstream
     FROM asset_materialization WHERE workspace_id = $1::uuid AND uri = $2 ORDER BY at DESC LIMIT $3::int`,
    [workspaceId, uri, limit],
  );
  return rows.map(({ runId, at, ...row }) => ({ ...row, run: toId('run', runId), at: new Date(at).toISOString() }));
}

/** Edges that lead to (`upstream`) or from (`downstream`) any of these: the primary key, or asset_edge_upstream. */
export function readEdges(
  sql: Sql,
  workspaceId: string,
  uris: readonly string[],
  side: 'upstream' | 'downstream',
  limit: number,
): Promise<AssetGraph['edges']> {
  const column = side === 'upstream' ? 'downstream' : 'upstream';
  return sql.query(
    `SELECT upstream AS "from", downstream AS "to" FROM asset_edge
     WHERE workspace_id = $1::uuid AND ${column} = ANY ($2::text[]) ORDER BY 1, 2 LIMIT $3::int`,
    [workspaceId, uris, limit],
  );
}

export async function readNodes(sql: Sql, workspaceId: string, uris: readonly string[]): Promise<AssetGraph['nodes']> {
  const rows = await sql.query<{ uri: string; name: string | null; made: Date | null; failed: Date | null }>(
    `SELECT uri, name, last_materialized_at AS made, last_failed_at AS failed FROM asset
     WHERE workspace_id = $1::uuid AND uri = ANY ($2::text[]) ORDER BY uri`,
    [workspaceId, uris],
  );
  return rows.map(({ uri, name, made, failed }) => ({ uri, name, lastMaterializedAt: isoOf(made), lastFailedAt: isoOf(failed) }));
}

export async function removeAsset(sql: Sql, workspaceId: string, uri: string): Promise<void> {
  await sql.query('DELETE FROM asset WHERE workspace_id = $1::uuid AND uri = $2', [workspaceId, uri]);
}

function show({ lastMaterializedAt, lastFailedAt, lastRunId, createdAt, ...row }: Row): Asset {
  return {
    ...row,
    lastMaterializedAt: isoOf(lastMaterializedAt),
    lastFailedAt: isoOf(lastFailedAt),
    lastRun: lastRunId === null ? null : toId('run', lastRunId),
    createdAt: new Date(createdAt).toISOString(),
  };
}

function isoOf(at: Date | null): string | null {
  return at && new Date(at).toISOString();
}
