/**
 * One transaction for a group of batches. Order of locks: channels by key, then runs by id. Everything of the group is
 * committed together with the channels' watermarks, so an entry is applied once however often it is sent.
 */
import type { ReportReply } from '@signalbox/proto/messages';
import type pg from 'pg';
import type { Timings } from '../../domain/run-snapshot.ts';
import { retried } from '../../platform/db.ts';
import type { AppError } from '../../platform/errors.ts';
import type { Sql } from '../../platform/sql.ts';
import { storableText } from '../../platform/storable.ts';
import { inWorkspaces } from '../../platform/transaction.ts';
import { upsertArtifacts } from '../artifacts/index.ts';
import { recordAssets } from '../assets/index.ts';
import { type AfterCommit, transitionRuns } from '../dispatch/index.ts';
import { appendTaskRunChanges } from '../events/index.ts';
import { insertLogs } from '../logs/index.ts';
import { upsertTaskRuns, withEnds } from '../task-runs/index.ts';
import { type Admitted, admit, keyOf } from './admit.ts';
import type { Batch } from './batch.ts';
import { intentOf } from './intents.ts';
import { keepAsRecord, refuse, sortEntries, type Writes } from './sort-entries.ts';
import { readReporters } from './store/agents.ts';
import { type ChannelKey, lockKnownChannels, type Moved, makeAndLockChannels, moveWatermarks } from './store/channels.ts';
import { noteLateMoves } from './store/late-moves.ts';
import { nameRuns, type RunNameRow } from './store/name-runs.ts';
import { type Named, readFacts } from './store/read-facts.ts';
import { setAside } from './store/refused.ts';

/** What became of a batch: a reply, or an error of the whole. */
export type Outcome =
  /** `poolId`: of the agent that reports. */
  | { readonly reply: ReportReply; readonly poolId: string | undefined; readonly error?: undefined }
  | { readonly error: AppError; readonly reply?: undefined; readonly poolId?: undefined };

/** A run that a group told something of, for live pages. State changes are told by dispatch's own effects. */
export type Touched = { readonly workspaceId: string; readonly runId: string; readonly what: 'tasks' | 'logs' | 'artifacts' };

export type StoredGroup = {
  /** One a batch, in their order. */
  readonly outcomes: readonly Outcome[];
  readonly effects: readonly AfterCommit[];
  readonly touched: readonly Touched[];
};

/** @throws whatever Postgres throws: then nothing of the group is stored. */
export function storeGroup(reportSql: pg.Pool, batches: readonly Batch[], timings: Timings): Promise<StoredGroup> {
  const workspaceIds = batches.map(({ from }) => from.workspaceId);
  const store = (sql: Sql) => storeIn(sql, batches, timings);
  return retried(() => inWorkspaces(reportSql, workspaceIds, store, (sql, { moved }) => moveWatermarks(sql, moved)));
}

async function storeIn(sql: Sql, batches: readonly Batch[], timings: Timings): Promise<StoredGroup & { moved: readonly Moved[] }> {
  const agentIds = batches.map(({ from }) => from.agentId);
  const [watermarks, reporters] = await lockAndRead(sql, batches.map(keyOf), agentIds);
  const admissions = admit(batches, reporters, watermarks);
  const admitted = admissions.filter((one) => 'fresh' in one);

  const writes = sortEntries(admitted, await readFacts(sql, admitted.flatMap(namedBy)));
  const taskRuns = withEnds(writes.taskRuns);
  await upsertTaskRuns(sql, taskRuns);
  await appendTaskRunChanges(sql, taskRuns);
  await insertLogs(sql, writes.logs);
  await upsertArtifacts(sql, writes.artifacts);
  const effects = await moveRuns(sql, writes, timings);
  await nameRuns(sql, namesOf(writes.moves));
  await noteLateMoves(sql, writes.lateMoves);
  await recordAssets(sql, writes.artifacts);
  await setAside(sql, writes.refused);
  const moved = admitted.map(({ batch, watermark }) => ({ ...keyOf(batch), watermark }));

  const outcomes = admissions.map((one): Outcome => {
    if ('error' in one) return { error: one.error };
    const exceptions = one.exceptions.sort((a, b) => a.n - b.n);
    const { poolId } = reporters.agents.get(one.batch.from.agentId) ?? {};
    return { reply: { exceptions, watermark: one.watermark, timeline: reporters.timeline }, poolId };
  });
  return { outcomes, effects, touched: touchedBy(writes), moved };
}

/** In one round trip: Postgres locks before it reads. Channels that are new are locked later, so it is read again behind them. */
async function lockAndRead(sql: Sql, keys: readonly ChannelKey[], agentIds: readonly string[]) {
  const [locked, reporters] = await Promise.all([lockKnownChannels(sql, keys), readReporters(sql, agentIds)]);
  if (locked.missing.length === 0) return [locked.watermarks, reporters] as const;
  const watermarks = await makeAndLockChannels(sql, locked);
  return [watermarks, await readReporters(sql, agentIds)] as const;
}

function namedBy({ batch, fresh }: Admitted): Named[] {
  return fresh.flatMap((item) => (item.entry ? [{ ...batch.from, runId: item.runId, epoch: item.entry.epoch }] : []));
}

/** The domain decides; what was raced by another move, or comes after the end, is a record. */
async function moveRuns(sql: Sql, writes: Writes, timings: Timings): Promise<readonly AfterCommit[]> {
  const requests = writes.moves.map(({ origin, runId, entry }) => ({ runId, intent: intentOf(entry, origin.admitted.batch.from.agentId) }));
  const { results, effects } = await transitionRuns(sql, requests, timings);
  for (const [i, move] of writes.moves.entries()) {
    const verdict = results[i]?.verdict;
    switch (verdict?.kind) {
      case 'accept':
        break;
      case 'wait':
        refuse(writes, move.origin, { code: 'CONFLICT', message: `not before ${verdict.until.toISOString()}` });
        break;
      case 'reject':
        if (verdict.code === 'not-now') refuse(writes, move.origin, { code: 'CONFLICT', message: verdict.reason });
        else if (verdict.code !== 'already') keepAsRecord(writes, move);
        break;
      default:
        refuse(writes, move.origin, { code: 'NOT_FOUND', message: 'the run is not there any more' });
    }
  }
  return effects;
}

function namesOf(moves: Writes['moves']): RunNameRow[] {
  return moves.flatMap(({ retentionClass, runId, entry }) =>
    entry.type === 'run.started' && entry.runName !== undefined ? [{ retentionClass, runId, name: storableText(entry.runName) }] : [],
  );
}

function touchedBy({ taskRuns, logs, artifacts }: Writes): Touched[] {
  const told = (rows: readonly Omit<Touched, 'what'>[], what: Touched['what']): Touched[] =>
    rows.map(({ workspaceId, runId }) => ({ workspaceId, runId, what }));
  return [...told(taskRuns, 'tasks'), ...told(logs, 'logs'), ...told(artifacts, 'artifacts')];
}
