/** How rules say yes, no and later. */
import type { Effect, Next, RejectCode, RunSnapshot, Verdict } from '../run-snapshot.ts';

/** Whatever the rule does not name stays as it is; an end or a release follows from the state type. */
export function accept(run: RunSnapshot, change: Partial<Next> & Pick<Next, 'type' | 'name'>, effects: readonly Effect[] = []): Verdict {
  return { kind: 'accept', next: { ...unchanged(run), ...change }, effects };
}

/** @see RejectCode for what each code tells the caller. */
export function reject(code: RejectCode, reason: string): Verdict {
  return { kind: 'reject', code, reason };
}

/** Ask again at that instant. */
export function waitUntil(until: Date): Verdict {
  return { kind: 'wait', until };
}

/** The instant `ms` milliseconds later. */
export function later(instant: Date, ms: number): Date {
  return new Date(instant.getTime() + ms);
}

function unchanged(run: RunSnapshot): Next {
  return {
    type: run.type,
    name: run.name,
    message: null,
    epoch: 'keep',
    owner: 'keep',
    slots: 'keep',
    deadlineMs: null,
    dueAt: run.dueAt,
    expiresInMs: null,
    permitRequestId: run.permitRequestId,
    grantedAt: run.grantedAt,
    startedAt: run.startedAt,
    attempt: run.attempt,
    retries: run.retries,
    infrastructureAttempts: run.infrastructureAttempts,
    startFailures: run.startFailures,
    firstStartFailureAt: run.firstStartFailureAt,
    excludedAgents: run.excludedAgents,
    cancelCause: run.cancelCause,
    wanted: run.wanted,
    failure: null,
    result: null,
    retry: null,
  };
}
