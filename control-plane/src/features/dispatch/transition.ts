/**
 * Every move of a run but claim and permit: lock, decide, write, in the caller's transaction. Any number of runs and
 * of intents in one go; intents for the same run are decided in their order.
 */

import { isTerminal, toId } from '@signalbox/proto';
import { decide } from '../../domain/run-machine.ts';
import { DEFAULT_TIMINGS, type Intent, type RunSnapshot, type Timings, type Verdict } from '../../domain/run-snapshot.ts';
import { notFound } from '../../platform/errors.ts';
import { runTransitions } from '../../platform/metrics.ts';
import { allSent, type Sql } from '../../platform/sql.ts';
import type { AfterCommit } from './after-commit.ts';
import { effectsOfMove, type Move, snapshotAfter, step } from './moves.ts';
import { countStarts } from './store/count-starts.ts';
import { type LoadedRun, lockEndedRuns, lockLiveRuns } from './store/load-runs.ts';
import { restateRuns, reviveRuns, writeMoves } from './store/write-moves.ts';

export type TransitionRequest = {
  readonly runId: string;
  readonly intent: Intent;
  /** The name its requester gave it, kept in the history. */
  readonly transitionId?: string | undefined;
};

/** `null` verdict: no such run in the workspaces this transaction sees. */
export type TransitionResult = { readonly runId: string; readonly verdict: Verdict | null };

export type Transitions = {
  /** One result a request, in the order asked. */
  readonly results: readonly TransitionResult[];
  /** Hand to `afterCommit` once the transaction is committed. */
  readonly effects: readonly AfterCommit[];
};

/** Decides and writes in bulk: one statement locks and reads, one writes. */
export async function transitionRuns(
  sql: Sql,
  requests: readonly TransitionRequest[],
  timings: Timings = DEFAULT_TIMINGS,
): Promise<Transitions> {
  const { results, moves } = await decideRuns(sql, requests, timings);
  return { results, effects: await writeDecided(sql, moves) };
}

/** What was decided of runs that are locked, and is not written yet. */
export type Decided = {
  /** One result a request, in the order asked. */
  readonly results: readonly TransitionResult[];
  readonly moves: readonly Move[];
};

/** `locked`: live runs that this transaction has locked already, with `lockLiveRuns`. */
export async function decideRuns(
  sql: Sql,
  requests: readonly TransitionRequest[],
  timings: Timings = DEFAULT_TIMINGS,
  locked?: readonly LoadedRun[],
): Promise<Decided> {
  if (requests.length === 0) return { results: [], moves: [] };
  const loaded = await load(sql, [...new Set(requests.map((request) => request.runId))], locked);
  const states = new Map<string, RunSnapshot>();
  const moves = new Map<string, Move>();

  const results = requests.map(({ runId, intent, transitionId }): TransitionResult => {
    const run = loaded.get(runId);
    if (!run) return { runId, verdict: null };
    const snapshot = states.get(runId) ?? run.snapshot;
    const verdict = decide(snapshot, intent, { now: run.now, policy: run.policy, timings, random: Math.random() });
    if (verdict.kind === 'accept') {
      moves.set(runId, step(run, moves.get(runId) ?? null, snapshot, verdict.next, verdict.effects, transitionId));
      states.set(runId, snapshotAfter(snapshot, verdict.next));
    }
    return { runId, verdict };
  });
  return { results, moves: [...moves.values()].sort((a, b) => (a.run.runId < b.run.runId ? -1 : 1)) };
}

/** Writes; answers what is to follow the commit. */
export async function writeDecided(sql: Sql, moves: readonly Move[]): Promise<readonly AfterCommit[]> {
  const freedLimits = await writeMoves(
    sql,
    moves.filter((move) => move.run.isLive),
  );
  const ended = moves.filter((move) => !move.run.isLive);
  await reviveRuns(
    sql,
    ended.filter((move) => !isTerminal(move.next.type)),
  );
  await restateRuns(
    sql,
    ended.filter((move) => isTerminal(move.next.type)),
  );
  await countStarts(sql, moves);
  return effectsOf(moves, freedLimits);
}

/** Moves of live runs of which none failed to start: all their statements may be sent without an answer in between. */
export const maySendTogether = (moves: readonly Move[]): boolean =>
  moves.every(({ run, effects }) => run.isLive && !effects.includes('count-start-failure'));

/** As `writeDecided`, of moves that may be sent together: every statement is on its way when this returns. */
export async function sendDecided(sql: Sql, moves: readonly Move[]): Promise<readonly AfterCommit[]> {
  const [freedLimits] = await allSent([writeMoves(sql, moves), countStarts(sql, moves)]);
  return effectsOf(moves, freedLimits);
}

function effectsOf(moves: readonly Move[], freedLimits: readonly string[]): AfterCommit[] {
  for (const { next } of moves) runTransitions.inc({ state: next.type });
  const wakes: AfterCommit[] = freedLimits.length > 0 ? [{ kind: 'wake-line', limitIds: freedLimits }] : [];
  return [...moves.flatMap(effectsOfMove), ...wakes];
}

/** One run. @throws NOT_FOUND when the workspace has no such run. */
export async function transitionRun(
  sql: Sql,
  request: TransitionRequest,
  timings: Timings = DEFAULT_TIMINGS,
): Promise<{ verdict: Verdict; effects: readonly AfterCommit[] }> {
  const { results, effects } = await transitionRuns(sql, [request], timings);
  const verdict = results[0]?.verdict;
  if (!verdict) throw notFound('run', toId('run', request.runId));
  return { verdict, effects };
}

/**
 * Live runs first, then records. A run that another transaction ends or revives in between is in neither answer of
 * the first look; the second look finds it, since whoever moved it has committed by the time the record's lock is ours.
 */
async function load(sql: Sql, runIds: readonly string[], locked?: readonly LoadedRun[]): Promise<Map<string, LoadedRun>> {
  const found = new Map((locked ?? []).map((run) => [run.runId, run]));
  for (const look of locked ? [lockEndedRuns, lockLiveRuns] : [lockLiveRuns, lockEndedRuns, lockLiveRuns]) {
    const missing = runIds.filter((id) => !found.has(id));
    if (missing.length === 0) break;
    for (const run of await look(sql, missing)) found.set(run.runId, run);
  }
  return found;
}
