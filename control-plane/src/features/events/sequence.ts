/** Gives committed events their positions: one batch, one transaction, under the shard's row lock. */
import { randomUUID } from 'node:crypto';
import { ID_PREFIX, type IdKind, toId } from '@signalbox/proto';
import type pg from 'pg';
import type { Sql } from '../../platform/sql.ts';
import { inTransaction } from '../../platform/transaction.ts';

/** Events positioned in one transaction. */
export const SEQUENCED_AT_ONCE = 1_000;

type Labels = Record<string, string>;
type InboxRow = {
  n: string;
  workspace_id: string;
  occurred_at: Date;
  name: string;
  run_id: string | null;
  resource: Record<string, unknown> | null;
  related: Labels[] | null;
  payload: Record<string, unknown> | null;
  id: string | null;
  follows: string | null;
};
type RunFacts = {
  id: string;
  name: string;
  tags: string[];
  flow_id: string;
  flow: string | null;
  deployment_id: string;
  deployment: string | null;
  pool_id: string | null;
  pool: string | null;
  queue_id: string | null;
  parent_run_id: string | null;
};

export type Sequenced = { readonly count: number; readonly position: number; readonly workspaceIds: readonly string[] };

/** One batch. `count === SEQUENCED_AT_ONCE`: more may wait. Two at once wait for each other: positions follow commits. */
export function sequence(pool: pg.Pool): Promise<Sequenced> {
  return inTransaction(pool, async (sql) => {
    const [shard] = await sql.query<{ position: string }>('SELECT position::text AS position FROM event_shard WHERE shard = 0 FOR UPDATE');
    // After the lock, by a new snapshot: what an earlier holder took is gone. Primary key, oldest first.
    const rows = await sql.query<InboxRow>(
      `DELETE FROM event_inbox WHERE n IN (SELECT n FROM event_inbox ORDER BY n LIMIT ${SEQUENCED_AT_ONCE}) RETURNING *, n::text AS n`,
    );
    const start = Number(shard?.position ?? 0);
    if (rows.length === 0) return { count: 0, position: start, workspaceIds: [] };
    rows.sort((a, b) => Number(a.n) - Number(b.n));
    const runs = await readRuns(sql, rows);
    const events = rows.map((row, i) => ({ ...positioned(row, runs), position: start + i + 1 }));
    await sql.query(
      `INSERT INTO event (day, position, workspace_id, id, occurred_at, name, resource_id, resource, related, payload, follows)
       SELECT (now() AT TIME ZONE 'UTC')::date, e.position, e.workspace_id, e.id, e.occurred_at, e.name, e.resource->>'id', e.resource, e.related, e.payload, e.follows
         FROM jsonb_to_recordset($1::jsonb) AS e (position bigint, workspace_id uuid, id uuid, occurred_at timestamptz, name text, resource jsonb,
           related jsonb, payload jsonb, follows uuid)`,
      [JSON.stringify(events)],
    );
    const position = start + rows.length;
    await sql.query('UPDATE event_shard SET position = $1 WHERE shard = 0', [position]);
    return { count: rows.length, position, workspaceIds: [...new Set(rows.map((row) => row.workspace_id))] };
  });
}

/** Of all runs of the batch at once; by primary key within each class, only the days between the lowest and highest id are opened. */
async function readRuns(sql: Sql, rows: readonly InboxRow[]): Promise<Map<string, RunFacts>> {
  const ids = [...new Set(rows.flatMap((row) => row.run_id ?? []))].sort();
  if (ids.length === 0) return new Map();
  const runs = await sql.query<RunFacts>(
    `SELECT r.id, r.name, r.tags, r.flow_id, f.name AS flow, r.deployment_id, d.name AS deployment, r.pool_id, p.name AS pool, r.queue_id, r.parent_run_id
       FROM run r LEFT JOIN flow f ON f.id = r.flow_id LEFT JOIN deployment d ON d.id = r.deployment_id LEFT JOIN work_pool p ON p.id = r.pool_id
      WHERE r.id = ANY ($1::uuid[]) AND r.id >= $2::uuid AND r.id <= $3::uuid`,
    [ids, ids[0], ids.at(-1)],
  );
  return new Map(runs.map((run) => [run.id, run]));
}

function positioned(row: InboxRow, runs: ReadonlyMap<string, RunFacts>) {
  const base = {
    workspace_id: row.workspace_id,
    id: row.id ?? randomUUID(),
    occurred_at: row.occurred_at,
    name: row.name,
    payload: row.payload ?? {},
    follows: row.follows,
  };
  if (!row.run_id) return { ...base, resource: thingOf(row.resource ?? {}), related: row.related ?? [] };
  const run = runs.get(row.run_id);
  const self = { id: toId('run', row.run_id), kind: 'run', name: run?.name ?? '' };
  const related = run ? relationsOf(run) : [];
  if (row.name.startsWith('run.')) return { ...base, resource: { ...self, state: row.name.slice('run.'.length) }, related };
  if (row.resource === null) return { ...base, resource: self, related };
  // Something else that the run tells of: an artifact, or what an event of its flow is about.
  const { artifact, ...labels } = row.resource as Labels;
  return {
    ...base,
    resource: artifact === undefined ? labels : { ...labels, id: toId('artifact', artifact) },
    related: [{ role: 'run', id: self.id, name: self.name }, ...related],
  };
}

function relationsOf(run: RunFacts): Labels[] {
  return [
    { role: 'flow', id: toId('flow', run.flow_id), name: run.flow ?? '' },
    { role: 'deployment', id: toId('deployment', run.deployment_id), name: run.deployment ?? '', path: `${run.flow}/${run.deployment}` },
    ...(run.pool_id ? [{ role: 'work-pool', id: toId('workPool', run.pool_id), name: run.pool ?? '' }] : []),
    ...(run.queue_id ? [{ role: 'work-queue', id: toId('workQueue', run.queue_id) }] : []),
    ...(run.parent_run_id ? [{ role: 'parent', id: toId('run', run.parent_run_id) }] : []),
    ...run.tags.map((tag) => ({ role: 'tag', id: tag })),
  ];
}

/** A command's target by the id that people know it by. */
function thingOf({ uuid, kind, ...labels }: Record<string, unknown>): Labels {
  if (typeof labels.id === 'string') return { ...(kind === undefined ? {} : { kind: String(kind) }), ...labels } as Labels;
  const name = String(kind ?? 'workspace');
  const idKind = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const known = Object.hasOwn(ID_PREFIX, idKind) && typeof uuid === 'string';
  return { id: known ? toId(idKind as IdKind, uuid) : typeof uuid === 'string' ? uuid : name, kind: name };
}
