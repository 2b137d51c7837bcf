/** What stands of the runs that a group of batches names. */
import { uuidTimeMs } from '@signalbox/proto';
import type { Sql } from '../../../platform/sql.ts';
import { type AttemptFact, attemptKey, type Facts, type LiveFact, type RecordFact } from '../ownership.ts';

/** An entry's claim: this run, under this epoch, is (or was) that agent's. */
export type Named = { readonly workspaceId: string; readonly agentId: string; readonly runId: string; readonly epoch: number };

/**
 * Reads as little as answers every claim: dispatch rows always (`live`, see `readLive`); attempts and records only for runs that are not held as
 * claimed. An epoch that ends in between is found as its attempt, since that is written in the same transaction.
 */
export async function readFacts(sql: Sql, named: readonly Named[], live: Facts['live']): Promise<Facts> {
  const unheld = named.filter(({ runId, epoch, agentId }) => {
    const fact = live.get(runId);
    return fact?.epoch !== epoch || fact.agentId !== agentId;
  });
  const attempts = await readAttempts(sql, unique(unheld.map(({ runId }) => runId)));
  const unknown = unheld.filter(({ runId, epoch }) => !live.has(runId) && !attempts.has(attemptKey(runId, epoch)));
  return { live, attempts, records: await readRecords(sql, unknown) };
}

/** Primary key. Not locked: transitions lock what they change. */
export async function readLive(sql: Sql, named: readonly string[]): Promise<Map<string, LiveFact>> {
  const runIds = unique(named);
  if (runIds.length === 0) return new Map();
  const rows = await sql.query<LiveFact & { runId: string; epoch: string }>(
    `SELECT run_id AS "runId", workspace_id AS "workspaceId", retention_class AS "retentionClass", agent_id AS "agentId", epoch
     FROM run_dispatch WHERE run_id = ANY ($1::uuid[])`,
    [runIds],
    'report-live',
  );
  return new Map(rows.map((row) => [row.runId, { ...row, epoch: Number(row.epoch) }]));
}

// The two below are not prepared by name: planned with their values, they open the leaves of these runs' days alone.

async function readAttempts(sql: Sql, runIds: readonly string[]): Promise<Map<string, AttemptFact>> {
  if (runIds.length === 0) return new Map();
  const rows = await sql.query<AttemptFact & { runId: string; epoch: string }>(
    `SELECT run_id AS "runId", epoch, workspace_id AS "workspaceId", retention_class AS "retentionClass", agent_id AS "agentId"
     FROM attempt WHERE run_id = ANY ($1::uuid[])`,
    [runIds],
  );
  return new Map(rows.map((row) => [attemptKey(row.runId, Number(row.epoch)), row]));
}

async function readRecords(sql: Sql, named: readonly Named[]): Promise<Map<string, RecordFact>> {
  const runIds = unique(named.map(({ runId }) => runId));
  if (runIds.length === 0) return new Map();
  const rows = await sql.query<{ id: string; workspaceId: string }>(
    'SELECT id, workspace_id AS "workspaceId" FROM run WHERE id = ANY ($1::uuid[])',
    [runIds],
  );
  const records = new Map<string, RecordFact>(rows.map((row) => [row.id, row]));
  for (const runId of await readExpired(
    sql,
    named.filter((one) => !records.has(one.runId)),
  ))
    records.set(runId, 'expired');
  return records;
}

/** Of runs that are not there, those of a day gone by that has no leaf (any more) for their workspace. */
async function readExpired(sql: Sql, named: readonly Named[]): Promise<string[]> {
  if (named.length === 0) return [];
  const rows = await sql.query<{ runId: string }>(
    `SELECT k.run_id AS "runId" FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS k (run_id, workspace_id, made_at)
     JOIN workspace w ON w.id = k.workspace_id
     WHERE k.made_at < now()
       AND to_regclass(format('public.run_%s_%s', w.retention_class, to_char(k.made_at AT TIME ZONE 'UTC', 'YYYYMMDD'))) IS NULL`,
    [
      named.map(({ runId }) => runId),
      named.map(({ workspaceId }) => workspaceId),
      named.map(({ runId }) => new Date(uuidTimeMs(runId)).toISOString()),
    ],
  );
  return rows.map((row) => row.runId);
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
