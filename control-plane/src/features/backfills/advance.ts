/** One step of a backfill: as many runs as there is room for, in one transaction that also moves its cursor. */
import { openEnvelope } from '@signalbox/proto';
import type pg from 'pg';
import { retried } from '../../platform/db.ts';
import { backfilledRuns } from '../../platform/metrics.ts';
import type { Sql } from '../../platform/sql.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type AfterCommit, effectsOfInsert, insertRuns, type NewRun, newRunIds } from '../dispatch/index.ts';
import { firesOfBackfill, instantsAfter } from './plan.ts';
import { claimInstants, moveBackfill, type TakenBackfill, takeBackfill } from './store.ts';

/** How soon a backfill without room is looked at again. */
const LOOK_AGAIN_MS = 1_000;

/** `effects`: hand to `afterCommit`. */
export function advanceBackfill(pool: pg.Pool, id: string): Promise<readonly AfterCommit[]> {
  return retried(() =>
    inTransaction(pool, async (sql) => {
      const backfill = await takeBackfill(sql, id);
      if (!backfill) return [];
      const live = await stillLive(sql, backfill.openRuns);
      const room = backfill.maxInFlight - live.length;
      const range = { fromMs: backfill.from.getTime(), toMs: backfill.to.getTime(), newestFirst: backfill.newestFirst };
      const instants = room <= 0 ? [] : instantsAfter(firesOfBackfill(backfill.plan), range, backfill.cursor?.getTime() ?? null, room);
      const made = await makeRuns(sql, backfill, instants);
      const openRuns = [...live, ...made.map((run) => run.id as string)];
      await moveBackfill(sql, id, {
        cursor: instants.length > 0 ? new Date(instants.at(-1) as number) : backfill.cursor,
        made: made.length,
        existing: instants.length - made.length,
        openRuns,
        isDone: room > 0 && instants.length < room && openRuns.length === 0,
        // Some were there already: there is room for more at once.
        lookInMs: made.length < instants.length ? 0 : LOOK_AGAIN_MS,
      });
      const inserted = await insertRuns(sql, made);
      backfilledRuns.inc(inserted.length);
      return effectsOfInsert(inserted);
    }),
  );
}

async function makeRuns(sql: Sql, backfill: TakenBackfill, instants: readonly number[]): Promise<(NewRun & { id: string })[]> {
  if (instants.length === 0) return [];
  // Runs that are due at once are taken in the order of their ids.
  const ids = (await newRunIds(sql, instants.length)).sort();
  const asked = instants.map((atMs, i) => ({ atMs, runId: ids[i] as string }));
  const claimed = await claimInstants(sql, backfill, asked);
  return asked.filter(({ atMs }) => claimed.has(atMs)).map(({ atMs, runId }) => runOf(backfill, runId, atMs));
}

/** Its record keeps the instant as its due instant; it starts when there is room, as any run that is overdue. */
function runOf(backfill: TakenBackfill, id: string, atMs: number): NewRun & { id: string } {
  const at = new Date(atMs).toISOString();
  const { instantParameter, parameters } = backfill;
  return {
    id,
    workspaceId: backfill.workspaceId,
    deploymentId: backfill.deploymentId,
    scheduleId: backfill.scheduleId,
    name: `${backfill.deploymentName} ${at.replace(/\.000Z$/, 'Z')}`,
    tags: [...new Set([...backfill.tags, 'backfill'])],
    parameters: openEnvelope(instantParameter === null ? parameters : { ...parameters, [instantParameter]: at }),
    createdBy: 'backfill',
    dueAt: new Date(atMs),
  };
}

async function stillLive(sql: Sql, runIds: readonly string[]): Promise<string[]> {
  if (runIds.length === 0) return [];
  const rows = await sql.query<{ id: string }>('SELECT run_id AS id FROM run_dispatch WHERE run_id = ANY ($1::uuid[])', [runIds]);
  return rows.map(({ id }) => id);
}
