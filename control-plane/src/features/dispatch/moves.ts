/** Accepted verdicts of one transaction, folded into one row a run: what is written, and what follows. Pure. */
import type { RunState } from '@signalbox/proto';
import { isTerminal } from '@signalbox/proto';
import type { Effect, Next, RunSnapshot } from '../../domain/run-snapshot.ts';
import type { AfterCommit } from './after-commit.ts';
import type { LoadedRun } from './store/load-runs.ts';

/** One attempt that is over, as the record keeps it. */
type AttemptEnd = {
  readonly epoch: number;
  readonly attempt: number;
  readonly agentId: string;
  readonly claimedAt: Date;
  readonly grantedAt: Date | null;
  readonly startedAt: Date | null;
  readonly type: string;
  readonly name: string;
  readonly message: string | null;
};

/** A run's way through one transaction. */
export type Move = {
  readonly run: LoadedRun;
  readonly next: Next;
  /** States entered, oldest first. */
  readonly states: readonly RunState[];
  readonly raisesEpoch: boolean;
  readonly slots: Next['slots'];
  readonly attemptEnd: AttemptEnd | null;
  readonly effects: readonly Effect[];
};

/** Adds one accepted step to a run's way. */
export function step(
  run: LoadedRun,
  before: Move | null,
  snapshot: RunSnapshot,
  next: Next,
  effects: readonly Effect[],
  transitionId?: string,
): Move {
  const leaves = next.owner === 'release' && snapshot.agentId !== null;
  const entered = next.type !== snapshot.type || next.name !== snapshot.name || next.message !== null || transitionId !== undefined;
  const state: RunState = {
    type: next.type,
    name: next.name,
    ...(next.message ? { message: next.message } : {}),
    at: run.now.toISOString(),
    ...(next.retry ? { retry: next.retry } : {}),
    ...(transitionId ? { transitionId } : {}),
  };
  return {
    run,
    next,
    states: entered ? [...(before?.states ?? []), state] : (before?.states ?? []),
    raisesEpoch: (before?.raisesEpoch ?? false) || next.epoch === 'raise',
    slots: next.slots === 'keep' ? (before?.slots ?? 'keep') : next.slots,
    attemptEnd: leaves ? attemptEnd(run, snapshot, next) : (before?.attemptEnd ?? null),
    effects: [...(before?.effects ?? []), ...effects],
  };
}

/** The run as the next intent of the same transaction finds it. A raised epoch is nobody's yet: no owner matches. */
export function snapshotAfter(snapshot: RunSnapshot, next: Next): RunSnapshot {
  return {
    ...snapshot,
    ...next,
    epoch: snapshot.epoch,
    agentId: next.owner === 'release' ? null : snapshot.agentId,
    isAwaitingChild: next.name === 'AwaitingChild' || (next.name === 'Lost' && snapshot.isAwaitingChild),
  };
}

/** What is to follow the commit of these moves. */
export function effectsOfMove({ run, next, effects, slots }: Move): AfterCommit[] {
  const { workspaceId, runId, poolId, deploymentId, keyLimitId, snapshot, limits, parentRunId } = run;
  const out: AfterCommit[] = [{ kind: 'live', workspaceId, runId }];
  if (slots === 'free' && limits.deployment) out.push({ kind: 'wake', deploymentId });
  if (slots === 'free' && keyLimitId) out.push({ kind: 'wake', deploymentId, keyLimitId });
  const poolMayHaveWork = (effects.includes('offer') && next.type === 'SCHEDULED') || (slots === 'free' && limits.pool);
  if (poolId && poolMayHaveWork) out.push({ kind: 'offer', workspaceId, poolId });
  if (poolId && slots === 'free' && (limits.pool || limits.deployment || keyLimitId)) out.push({ kind: 'resume-parents', poolId });
  if (parentRunId && isTerminal(next.type)) out.push({ kind: 'wake-run', workspaceId, runId: parentRunId });
  if (run.hasChildren && (next.type === 'CANCELLING' || (isTerminal(next.type) && next.type !== 'COMPLETED')))
    out.push({ kind: 'end-children' });
  if (effects.includes('tell-agent-to-cancel') && snapshot.agentId && !isTerminal(next.type)) {
    out.push({ kind: 'cancel', workspaceId, agentId: snapshot.agentId, runId, epoch: snapshot.epoch });
  }
  // A flow that waits for a person says so again, and its run is Paused again.
  if (snapshot.name === 'Lost' && next.type === 'RUNNING' && next.name !== 'Lost') out.push({ kind: 'wake-run', workspaceId, runId });
  if (effects.includes('tell-agent-to-hold') && snapshot.agentId && next.wanted && next.owner === 'keep') {
    const { how, key } = next.wanted;
    out.push({ kind: 'hold', workspaceId, agentId: snapshot.agentId, runId, epoch: snapshot.epoch, how, key });
  }
  return out;
}

function attemptEnd(run: LoadedRun, snapshot: RunSnapshot, next: Next): AttemptEnd | null {
  if (!snapshot.agentId || !run.claimedAt) return null;
  const { epoch, attempt, agentId, grantedAt, startedAt } = snapshot;
  return {
    epoch,
    attempt,
    agentId,
    claimedAt: run.claimedAt,
    grantedAt,
    startedAt,
    type: next.type,
    name: next.name,
    message: next.message,
  };
}
