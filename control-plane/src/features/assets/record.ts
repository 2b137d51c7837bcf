/**
 * What reports tell of assets: artifacts of kind `asset`, in the transaction that stores them. Locks: rows of assets, by
 * (workspace, URI) ascending, after those of runs. What a report of an older epoch says counts too: the thing was made.
 */
import { uuidv7 } from '@signalbox/proto';
import { type AssetReport, assetReportSchema } from '@signalbox/proto/messages';
import type { Sql } from '../../platform/sql.ts';
import { storableJson, storableText } from '../../platform/storable.ts';
import type { ArtifactRow } from '../artifacts/index.ts';
import { appendEvents } from '../events/index.ts';

/** Of a workspace. Further ones are artifacts of their run, and nothing else. */
const MOST_ASSETS = 10_000;
/** Of one asset. */
const KEPT_MATERIALIZATIONS = 200;

type Told = { readonly row: ArtifactRow; readonly report: AssetReport };

/** Those that are no asset are passed over. */
export async function recordAssets(sql: Sql, rows: readonly ArtifactRow[]): Promise<void> {
  const told = rows.flatMap((row): Told[] => {
    if (row.entry.kind !== 'asset') return [];
    const { data, success } = assetReportSchema.safeParse(row.entry.data.body);
    return success ? [{ row, report: data }] : [];
  });
  if (told.length === 0) return;
  await upsertAssets(sql, told);
  const stored = await insertMaterializations(sql, told);
  await replaceEdges(sql, told);
  await dropOldest(sql, told);
  await appendEvents(
    sql,
    stored.map(({ row, report }) => ({
      workspaceId: row.workspaceId,
      runId: row.runId,
      id: uuidv7(Date.now()),
      name: `asset.${report.outcome}`,
      resource: { id: report.asset, kind: 'asset', ...(report.name === null ? {} : { name: report.name }) },
      related: report.upstream.map((id) => ({ role: 'upstream', id, kind: 'asset' })),
      payload: { taskRun: report.taskRun, metadata: report.metadata },
      occurredAt: row.entry.at,
    })),
  );
}

/** A newer report has the words; instants only grow. Upstream ones are known by their URI until something makes them. */
async function upsertAssets(sql: Sql, told: readonly Told[]): Promise<void> {
  const assets = told.flatMap(({ row: { workspaceId, runId, entry }, report }) => {
    const { asset, outcome, name, description, url, owners, upstream } = report;
    const at = entry.at;
    const own = {
      uri: asset,
      name,
      description,
      url,
      owners,
      made: outcome === 'materialized' ? at : null,
      failed: outcome === 'failed' ? at : null,
    };
    const others = upstream.map((uri) => ({ uri, name: null, description: null, url: null, owners: [], made: null, failed: null }));
    return [{ workspaceId, runId, ...own }, ...others.map((other) => ({ workspaceId, runId: null, ...other }))];
  });
  await sql.query(
    `WITH told AS (
       SELECT workspace_id, uri, (array_agg(name ORDER BY n DESC) FILTER (WHERE name IS NOT NULL))[1] AS name,
         (array_agg(description ORDER BY n DESC) FILTER (WHERE description IS NOT NULL))[1] AS description,
         (array_agg(url ORDER BY n DESC) FILTER (WHERE url IS NOT NULL))[1] AS url,
         (array_agg(owners ORDER BY n DESC) FILTER (WHERE owners <> '[]'))[1] AS owners,
         max(made) AS made, max(failed) AS failed, (array_agg(run_id ORDER BY n DESC) FILTER (WHERE run_id IS NOT NULL))[1] AS run_id
       FROM jsonb_to_recordset($1::jsonb)
         AS t (n int, workspace_id uuid, run_id uuid, uri text, name text, description text, url text, owners jsonb, made timestamptz, failed timestamptz)
       GROUP BY workspace_id, uri)
     INSERT INTO asset AS a (workspace_id, uri, name, description, url, owners, last_materialized_at, last_failed_at, last_run_id)
     SELECT workspace_id, uri, name, description, url,
       coalesce((SELECT array_agg(o) FROM jsonb_array_elements_text(owners) AS o), '{}'), made, failed, run_id
     FROM told t
     WHERE EXISTS (SELECT FROM asset k WHERE k.workspace_id = t.workspace_id AND k.uri = t.uri)
        OR (SELECT count(*) FROM asset k WHERE k.workspace_id = t.workspace_id) < ${MOST_ASSETS}
     ORDER BY workspace_id, uri
     ON CONFLICT (workspace_id, uri) DO UPDATE SET
       name = coalesce(excluded.name, a.name), description = coalesce(excluded.description, a.description),
       url = coalesce(excluded.url, a.url), owners = CASE WHEN excluded.owners = '{}' THEN a.owners ELSE excluded.owners END,
       last_materialized_at = greatest(a.last_materialized_at, excluded.last_materialized_at),
       last_failed_at = greatest(a.last_failed_at, excluded.last_failed_at),
       last_run_id = CASE WHEN greatest(excluded.last_materialized_at, excluded.last_failed_at)
           >= coalesce(greatest(a.last_materialized_at, a.last_failed_at), '-infinity') THEN excluded.last_run_id ELSE a.last_run_id END`,
    [
      JSON.stringify(
        assets.map(({ workspaceId, runId, name, description, ...asset }, n) => ({
          ...asset,
          n,
          name: name && storableText(name),
          description: description && storableText(description),
          workspace_id: workspaceId,
          run_id: runId,
        })),
      ),
    ],
  );
}

/** Those that are new: told again after a restore, they are the same rows. */
async function insertMaterializations(sql: Sql, told: readonly Told[]): Promise<Told[]> {
  const column = <T>(read: (one: Told) => T) => told.map(read);
  const stored = await sql.query<{ i: number }>(
    `WITH told AS (
       SELECT t.* FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::int[], $6::timestamptz[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
         WITH ORDINALITY AS t (workspace_id, uri, run_id, epoch, ordinal, at, outcome, task_run, metadata, upstream, retention_class, i)),
     stored AS (
       INSERT INTO asset_materialization (workspace_id, uri, run_id, epoch, ordinal, at, outcome, run_name, flow, task_run, metadata, upstream)
       SELECT t.workspace_id, t.uri, t.run_id, t.epoch, t.ordinal, t.at, t.outcome, coalesce(r.name, ''), coalesce(f.name, ''), t.task_run,
         t.metadata::jsonb, ARRAY(SELECT jsonb_array_elements_text(t.upstream::jsonb))
       FROM told t JOIN asset a ON a.workspace_id = t.workspace_id AND a.uri = t.uri
       LEFT JOIN run r ON r.retention_class = t.retention_class AND r.id = t.run_id LEFT JOIN flow f ON f.id = r.flow_id
       ON CONFLICT DO NOTHING RETURNING workspace_id, uri, run_id, epoch, ordinal)
     SELECT t.i::int AS i FROM told t JOIN stored s USING (workspace_id, uri, run_id, epoch, ordinal)`,
    [
      column(({ row }) => row.workspaceId),
      column(({ report }) => report.asset),
      column(({ row }) => row.runId),
      column(({ row }) => row.entry.epoch),
      column(({ row }) => row.entry.ordinal),
      column(({ row }) => row.entry.at),
      column(({ report }) => report.outcome),
      column(({ report }) => storableText(report.taskRun)),
      column(({ report }) => storableJson({ encoding: 'json', body: report.metadata })),
      column(({ report }) => JSON.stringify(report.upstream)),
      column(({ row }) => row.retentionClass),
    ],
  );
  return stored.flatMap(({ i }) => told[i - 1] ?? []);
}

/** What it was made from the last time that this was told, and nothing older. A failure says nothing of it. */
async function replaceEdges(sql: Sql, told: readonly Told[]): Promise<void> {
  const last = new Map(
    told.filter(({ report }) => report.outcome === 'materialized').map((one) => [`${one.row.workspaceId} ${one.report.asset}`, one]),
  );
  if (last.size === 0) return;
  const edges = JSON.stringify(
    [...last.values()].map(({ row, report }) => ({
      workspace_id: row.workspaceId,
      uri: report.asset,
      at: row.entry.at,
      upstream: report.upstream,
    })),
  );
  // By what is newest: a late report does not bring back what was replaced.
  await sql.query(
    `WITH told AS (SELECT t.* FROM jsonb_to_recordset($1::jsonb) AS t (workspace_id uuid, uri text, at timestamptz, upstream jsonb)
       JOIN asset a ON a.workspace_id = t.workspace_id AND a.uri = t.uri AND a.last_materialized_at <= t.at),
     gone AS (DELETE FROM asset_edge e USING told t WHERE e.workspace_id = t.workspace_id AND e.downstream = t.uri AND NOT t.upstream ? e.upstream)
     INSERT INTO asset_edge (workspace_id, downstream, upstream, seen_at)
     SELECT t.workspace_id, t.uri, u.uri, t.at FROM told t CROSS JOIN LATERAL jsonb_array_elements_text(t.upstream) AS u (uri)
       JOIN asset a ON a.workspace_id = t.workspace_id AND a.uri = u.uri
     WHERE u.uri <> t.uri
     ON CONFLICT (workspace_id, downstream, upstream) DO UPDATE SET seen_at = greatest(asset_edge.seen_at, excluded.seen_at)`,
    [edges],
  );
}

/** By asset_materialization_last: no more than are kept, and those of this report. */
async function dropOldest(sql: Sql, told: readonly Told[]): Promise<void> {
  await sql.query(
    `DELETE FROM asset_materialization m USING (
       SELECT DISTINCT t.workspace_id, t.uri, (SELECT at FROM asset_materialization k WHERE k.workspace_id = t.workspace_id AND k.uri = t.uri
         ORDER BY at DESC OFFSET ${KEPT_MATERIALIZATIONS} LIMIT 1) AS at
       FROM unnest($1::uuid[], $2::text[]) AS t (workspace_id, uri)) old
     WHERE m.workspace_id = old.workspace_id AND m.uri = old.uri AND m.at <= old.at`,
    [told.map(({ row }) => row.workspaceId), told.map(({ report }) => report.asset)],
  );
}
