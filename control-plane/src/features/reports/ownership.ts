/** What an entry may do, by what stands of its run. Pure: the facts are read in store/read-facts.ts. */
import { toId } from '@signalbox/proto';
import type { Batch, Refusal } from './batch.ts';

/** The dispatch row of a live run. */
export type LiveFact = {
  readonly workspaceId: string;
  readonly retentionClass: string;
  readonly agentId: string | null;
  readonly epoch: number;
};
/** An epoch that is over. */
export type AttemptFact = { readonly workspaceId: string; readonly retentionClass: string; readonly agentId: string | null };
/** The record of a run, or of none: `expired` says that its day is not kept any more. */
export type RecordFact = { readonly workspaceId: string } | 'expired';

export type Facts = {
  readonly live: ReadonlyMap<string, LiveFact>;
  /** By `attemptKey`. */
  readonly attempts: ReadonlyMap<string, AttemptFact>;
  readonly records: ReadonlyMap<string, RecordFact>;
};

export function attemptKey(runId: string, epoch: number): string {
  return `${runId} ${epoch}`;
}

/**
 * - `owner`: the run is this agent's under this epoch; the entry may change its state.
 * - `record`: it was, under an epoch that is over; what it tells is kept, and moves nothing.
 */
export type Standing =
  | { readonly kind: 'owner'; readonly retentionClass: string }
  | { readonly kind: 'record'; readonly retentionClass: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Another workspace's run is not found, never forbidden. */
export function standingOf({ workspaceId, agentId }: Batch['from'], runId: string, epoch: number, facts: Facts): Standing {
  const ours = <T extends { readonly workspaceId: string }>(fact: T | undefined) => (fact?.workspaceId === workspaceId ? fact : undefined);
  const live = ours(facts.live.get(runId));
  if (live && live.agentId === agentId && live.epoch === epoch) return { kind: 'owner', retentionClass: live.retentionClass };

  const attempt = ours(facts.attempts.get(attemptKey(runId, epoch)));
  if (attempt?.agentId === agentId) return { kind: 'record', retentionClass: attempt.retentionClass };

  const record = facts.records.get(runId);
  const run = toId('run', runId);
  if (record === 'expired') return refused('NOT_FOUND', `expired: the day of ${run} is not kept any more`);
  if (live || attempt || ours(record)) return refused('CONFLICT', `epoch ${epoch} of ${run} was not given to this agent`);
  return refused('NOT_FOUND', `no run ${run} in this workspace`);
}

function refused(code: Refusal['code'], message: string): Standing {
  return { kind: 'refused', refusal: { code, message } };
}
