/** Gives committed events their positions: one batch, one transaction, under the shard's row lock. */
import { randomUUID } from 'node:crypto';
import { ID_PREFIX, type IdKind, toId } from '@signalbox/proto';
import type pg from 'pg';
import type { Sql } from '../../platform/sql.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type Block, type Change, type Labels, packBlock, type RunLabels } from './block.ts';
import { insertBlocks } from './block-store.ts';
import { changesOfTaskRuns, type TaskRunChanges } from './task-run-changes.ts';

/** Events of a row each that are positioned in one transaction. */
const EVENTS_AT_ONCE = 1_000;
/** Rows of changes, of 200 runs at most each. */
const CHANGES_AT_ONCE = 250;
/** Changes of one block. */
const BLOCK_MAX = 1_000;

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

type ChangeRow = {
  n: string;
  workspace_id: string;
  name: string;
  run_ids: string[];
  occurred_at: Date[];
  payload: Record<string, unknown> | null;
  started_at: (Date | null)[] | null;
  task_runs: TaskRunChanges | null;
};

export type Sequenced = {
  readonly count: number;
  readonly more: boolean;
  readonly position: number;
  readonly workspaceIds: readonly string[];
};

/** One batch; `more`: others wait. Two at once wait for each other: positions follow commits. */
export function sequence(pool: pg.Pool): Promise<Sequenced> {
  return inTransaction(pool, async (sql) => {
    const [shard] = await sql.query<{ position: string }>('SELECT position::text AS position FROM event_shard WHERE shard = 0 FOR UPDATE');
    // After the lock, by new snapshots: what an earlier holder took is gone. Primary keys, oldest first, and of both as far as both are read.
    const [bound] = await sql.query<{ n: string; now: Date }>(
      `SELECT least((SELECT n FROM event_inbox ORDER BY n OFFSET ${EVENTS_AT_ONCE - 1} LIMIT 1),
         (SELECT n FROM event_change ORDER BY n OFFSET ${CHANGES_AT_ONCE - 1} LIMIT 1), ${Number.MAX_SAFE_INTEGER})::text AS n, now() AS now`,
    );
    const rows = await sql.query<InboxRow>('DELETE FROM event_inbox WHERE n <= $1::bigint RETURNING *, n::text AS n', [bound?.n]);
    const changed = await sql.query<ChangeRow>('DELETE FROM event_change WHERE n <= $1::bigint RETURNING *, n::text AS n', [bound?.n]);
    const start = Number(shard?.position ?? 0);
    if (rows.length + changed.length === 0) return { count: 0, more: false, position: start, workspaceIds: [] };
    const runs = await readRuns(sql, [
      ...rows.flatMap((row) => row.run_id ?? []),
      ...changed.flatMap((row) => row.task_runs?.runIds ?? row.run_ids),
    ]);
    const [labels, receivedAt] = [labelsOf(runs), bound?.now ?? new Date()];
    let position = start;
    const events: object[] = [];
    const blocks: (Block & { workspaceId: string })[] = [];
    // A workspace at a time, each in the order of appending: blocks of two never overlap.
    const byWorkspace = Map.groupBy([...rows, ...changed], (row) => row.workspace_id);
    for (const [workspaceId, own] of byWorkspace) {
      const changes: Change[] = [];
      for (const row of own.sort((a, b) => Number(a.n) - Number(b.n))) {
        if ('run_ids' in row) for (const change of changesOf(row)) changes.push({ ...change, position: ++position });
        else events.push({ ...positioned(row, runs), position: ++position });
      }
      for (let i = 0; i < changes.length; i += BLOCK_MAX)
        blocks.push({ workspaceId, ...packBlock(changes.slice(i, i + BLOCK_MAX), labels) });
    }
    await insertBlocks(sql, blocks, receivedAt);
    if (events.length > 0)
      await sql.query(
        `INSERT INTO event (day, position, workspace_id, id, occurred_at, received_at, name, resource_id, resource, related, payload, follows)
         SELECT ($2::timestamptz AT TIME ZONE 'UTC')::date, e.position, e.workspace_id, e.id, e.occurred_at, $2::timestamptz, e.name, e.resource->>'id',
             e.resource, e.related, e.payload, e.follows
           FROM jsonb_to_recordset($1::jsonb) AS e (position bigint, workspace_id uuid, id uuid, occurred_at timestamptz, name text, resource jsonb,
             related jsonb, payload jsonb, follows uuid)`,
        [JSON.stringify(events), receivedAt],
      );
    await sql.query('UPDATE event_shard SET position = $1 WHERE shard = 0', [position]);
    return { count: position - start, more: bound?.n !== String(Number.MAX_SAFE_INTEGER), position, workspaceIds: [...byWorkspace.keys()] };
  });
}

function* changesOf({ name, run_ids, occurred_at, payload, started_at, task_runs }: ChangeRow): Generator<Omit<Change, 'position'>> {
  if (task_runs) yield* changesOfTaskRuns(task_runs);
  for (const [i, runId] of run_ids.entries()) {
    const at = (occurred_at.length === 1 ? occurred_at[0] : occurred_at[i]) as Date;
    yield { runId, name, payload, atMs: at.getTime(), startedAtMs: started_at?.[i]?.getTime() ?? null };
  }
}

/** Of all runs of the batch at once; by primary key within each class, only the days between the lowest and highest id are opened. */
async function readRuns(sql: Sql, runIds: readonly string[]): Promise<Map<string, RunFacts>> {
  const ids = [...new Set(runIds)].sort();
  if (ids.length === 0) return new Map();
  const runs = await sql.query<RunFacts>(
    `SELECT r.id, r.name, r.tags, r.flow_id, f.name AS flow, r.deployment_id, d.name AS deployment, r.pool_id, p.name AS pool, r.queue_id, r.parent_run_id
       FROM run r LEFT JOIN flow f ON f.id = r.flow_id LEFT JOIN deployment d ON d.id = r.deployment_id LEFT JOIN work_pool p ON p.id = r.pool_id
      WHERE r.id = ANY ($1::uuid[]) AND r.id >= $2::uuid AND r.id <= $3::uuid`,
    [ids, ids[0], ids.at(-1)],
  );
  return new Map(runs.map((run) => [run.id, run]));
}

const labelsOf = (runs: ReadonlyMap<string, RunFacts>): Map<string, RunLabels> =>
  new Map([...runs].map(([id, run]) => [id, { name: run.name, related: relationsOf(run) }]));

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
  // Appended before there were blocks.
  if (row.name.startsWith('run.')) return { ...base, resource: { ...self, state: row.name.slice('run.'.length) }, related };
  if (row.resource === null) return { ...base, resource: self, related };
  // Something else that the run tells of: an artifact, or what an event of its flow is about.
  const { artifact, ...labels } = row.resource as Labels;
  return {
    ...base,
    resource: artifact === undefined ? labels : { ...labels, id: toId('artifact', artifact) },
    related: [{ role: 'run', id: self.id, name: self.name }, ...related, ...(row.related ?? [])],
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
  return { ...(labels as Labels), id: known ? toId(idKind as IdKind, uuid) : typeof uuid === 'string' ? uuid : name, kind: name };
}
