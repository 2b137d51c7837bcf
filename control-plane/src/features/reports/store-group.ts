/**
 * One transaction for a group of batches. Order of locks: channels by key, then runs by id. Everything of the group is
 * committed together with the channels' watermarks, so an entry is applied once however often it is sent.
 */
import type { ClaimReply, ReportReply } from '@signalbox/proto/messages';
import type pg from 'pg';
import type { Timings } from '../../domain/run-snapshot.ts';
import { retried } from '../../platform/db.ts';
import type { AppError } from '../../platform/errors.ts';
import { allSent, type Sql } from '../../platform/sql.ts';
import { storableText } from '../../platform/storable.ts';
import { inWorkspaces } from '../../platform/transaction.ts';
import { upsertArtifacts } from '../artifacts/index.ts';
import { recordAssets } from '../assets/index.ts';
import {
  type AfterCommit,
  type ClaimFreed,
  type Decided,
  decideRuns,
  effectsOfMove,
  type GiveFreed,
  isFreeing,
  type LoadedRun,
  lockLiveRuns,
  maySendTogether,
  sendDecided,
  writeDecided,
} from '../dispatch/index.ts';
import { appendTaskRunChanges } from '../events/index.ts';
import { insertLogs } from '../logs/index.ts';
import { upsertTaskRuns, withEnds } from '../task-runs/index.ts';
import { type Admitted, admit, keyOf } from './admit.ts';
import type { Batch } from './batch.ts';
import { intentOf } from './intents.ts';
import { keepAsRecord, refuse, sortEntries, type Writes } from './sort-entries.ts';
import { readReporters } from './store/agents.ts';
import { lockKnownChannels, type Moved, makeAndLockChannels, moveWatermarks } from './store/channels.ts';
import { noteLateMoves } from './store/late-moves.ts';
import { nameRuns, type RunNameRow } from './store/name-runs.ts';
import { type Named, readFacts, readLive } from './store/read-facts.ts';
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
  /** What the claim beside the one batch of the group was given in its transaction. */
  readonly claim?: ClaimReply | null;
  readonly effects: readonly AfterCommit[];
  readonly touched: readonly Touched[];
};

/**
 * Two round trips where all goes its way: one locks and reads, one writes and commits.
 * @throws whatever Postgres throws: then nothing of the group is stored.
 */
export function storeGroup(reportSql: pg.Pool, batches: readonly Batch[], timings: Timings, give?: GiveFreed): Promise<StoredGroup> {
  const workspaceIds = batches.map(({ from }) => from.workspaceId);
  const store = (sql: Sql) => storeIn(sql, batches, timings, give);
  return retried(async () => {
    let effects: Promise<readonly AfterCommit[]> = Promise.resolve([]);
    const { outcomes, touched, freed } = await inWorkspaces(reportSql, workspaceIds, store, (sql, { write, moved, freed }) => {
      effects = write(sql);
      return allSent([effects, freed?.send(sql), moveWatermarks(sql, moved)]);
    });
    const all = await effects;
    const given = freed?.given();
    return given
      ? { outcomes, touched, claim: given.reply, effects: [...all.filter((effect) => !isFreeing(effect)), ...given.rest] }
      : { outcomes, touched, effects: all };
  });
}

/** `write`: what goes with the commit; all its statements are on their way when it returns. */
type Prepared = Omit<StoredGroup, 'effects' | 'claim'> & {
  readonly moved: readonly Moved[];
  /** The claim beside the group's one batch, where its moves free what it can be given. */
  readonly freed: ClaimFreed | null;
  readonly write: (sql: Sql) => Promise<readonly AfterCommit[]>;
};

async function storeIn(sql: Sql, batches: readonly Batch[], timings: Timings, give?: GiveFreed): Promise<Prepared> {
  const { watermarks, reporters, live, locked } = await lockAndRead(sql, batches);
  const admissions = admit(batches, reporters, watermarks);
  const admitted = admissions.filter((one) => 'fresh' in one);

  const writes = sortEntries(admitted, await readFacts(sql, admitted.flatMap(namedBy), live));
  const taskRuns = withEnds(writes.taskRuns);
  await upsertTaskRuns(sql, taskRuns);
  await appendTaskRunChanges(sql, taskRuns);
  await insertLogs(sql, writes.logs);
  await upsertArtifacts(sql, writes.artifacts);
  const moves = await decideMoves(sql, writes, locked, timings);
  // A note on an attempt that ends just now comes behind it.
  const isLast = maySendTogether(moves) && writes.lateMoves.length === 0;
  const effects = isLast ? [] : await writeDecided(sql, moves);
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
  const write = (last: Sql) => (isLast ? sendDecided(last, moves) : Promise.resolve(effects));
  const freed = isLast && give ? claimOf(admitted, outcomes, moves, give) : null;
  return { outcomes, touched: touchedBy(writes), moved, write, freed };
}

/** Of several batches each claims for itself after the commit: which of them is to be given what they freed together is for claims to say. */
function claimOf(
  [one, ...others]: readonly Admitted[],
  [outcome]: readonly Outcome[],
  moves: Decided['moves'],
  give: GiveFreed,
): ClaimFreed | null {
  if (!one?.batch.claim || others.length > 0 || !outcome?.poolId) return null;
  const { from, session, claim, receivedAtMs } = one.batch;
  return give(from, { session, ...claim }, receivedAtMs, outcome.poolId, moves.flatMap(effectsOfMove));
}

/**
 * In one round trip: Postgres locks channels before it reads, and runs that may move last. Channels that are new are locked later, so it is
 * read again behind them. Runs that turn out to be another's are locked for as long as this transaction, and left as they are.
 */
async function lockAndRead(sql: Sql, batches: readonly Batch[]) {
  const agentIds = batches.map(({ from }) => from.agentId);
  const told = batches.flatMap(({ entries }) => entries.flatMap((item) => (item.entry ? [item] : [])));
  const moving = new Set(told.flatMap(({ entry, runId }) => (entry.type.startsWith('run.') ? [runId] : [])));
  const others = told.flatMap(({ runId }) => (moving.has(runId) ? [] : [runId]));
  const [known, reporters, live, locked] = await allSent([
    lockKnownChannels(sql, batches.map(keyOf)),
    readReporters(sql, agentIds),
    // Those that are locked are read with their lock.
    readLive(sql, others),
    lockRuns(sql, moving),
  ]);
  for (const { runId, workspaceId, retentionClass, snapshot } of locked)
    live.set(runId, { workspaceId, retentionClass, agentId: snapshot.agentId, epoch: snapshot.epoch });
  if (known.missing.length === 0) return { watermarks: known.watermarks, reporters, live, locked };
  const watermarks = await makeAndLockChannels(sql, known);
  return { watermarks, reporters: await readReporters(sql, agentIds), live, locked };
}

function lockRuns(sql: Sql, runIds: ReadonlySet<string>): Promise<readonly LoadedRun[]> {
  return runIds.size === 0 ? Promise.resolve([]) : lockLiveRuns(sql, [...runIds]);
}

function namedBy({ batch, fresh }: Admitted): Named[] {
  return fresh.flatMap((item) => (item.entry ? [{ ...batch.from, runId: item.runId, epoch: item.entry.epoch }] : []));
}

/** The domain decides; what was raced by another move, or comes after the end, is a record. */
async function decideMoves(sql: Sql, writes: Writes, locked: readonly LoadedRun[], timings: Timings): Promise<Decided['moves']> {
  const requests = writes.moves.map(({ origin, runId, entry }) => ({ runId, intent: intentOf(entry, origin.admitted.batch.from.agentId) }));
  const { results, moves } = await decideRuns(sql, requests, timings, locked);
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
  return moves;
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
