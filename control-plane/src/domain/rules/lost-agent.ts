/** An agent that is not heard of, or does not name a run any more: no reason to kill, one reason to wait. */
import type { Facts, Rule, RunSnapshot, Verdict } from '../run-snapshot.ts';
import { end, retryOr } from './end.ts';
import { requeue } from './requeue.ts';
import { accept } from './verdict.ts';

/** Most times a run is put back because its agent was lost (`onLostAgent: requeue`). */
export const MAX_INFRASTRUCTURE_ATTEMPTS = 3;

/** User code was not called and now cannot be: the epoch is over. */
export const losePending: Rule<'lose'> = (run, intent) =>
  requeue(run, { message: `${whyLost(intent.why)} before it started; to be claimed again` });

/** User code may still be running. Renewing ends it; at the deadline `onLostAgent` acts. */
export const loseRunning: Rule<'lose'> = (run, intent, { timings }) =>
  accept(run, { type: 'RUNNING', name: 'Lost', message: whyLost(intent.why), deadlineMs: timings.lostGraceMs });

/** Its agent names it again. */
export const regain: Rule<'regain'> = (run, _intent, { timings }) =>
  accept(run, {
    type: 'RUNNING',
    // One that waits for its child has no slots, and asks for them when the child has ended.
    name: run.isAwaitingChild ? 'AwaitingChild' : 'Running',
    message: 'its agent is back',
    deadlineMs: run.startedAt ? null : timings.startReportMs,
  });

/** Final: crash, use up a flow retry, or put back at most three times. */
export const giveUp: Rule<'lost-deadline'> = (run, _intent, facts) => {
  const message = `its agent was not heard of for ${Math.round(facts.timings.lostGraceMs / 1_000)} s after the lease ended`;
  const failure = { kind: 'lost', message } as const;
  switch (facts.policy.onLostAgent) {
    case 'crash':
      return end(run, { type: 'CRASHED', name: 'Crashed', message, failure });
    case 'retry':
      return retryOr(run, failure, facts, { type: 'CRASHED', name: 'Crashed', message });
    case 'requeue':
      return requeueLost(run, message, facts);
    default:
      return facts.policy.onLostAgent satisfies never;
  }
};

function requeueLost(run: RunSnapshot, message: string, { now, policy }: Facts): Verdict {
  if (run.infrastructureAttempts >= MAX_INFRASTRUCTURE_ATTEMPTS) {
    const reason = `${message}; put back ${MAX_INFRASTRUCTURE_ATTEMPTS} times before`;
    return end(run, { type: 'CRASHED', name: 'Crashed', message: reason, failure: { kind: 'lost', message: reason } });
  }
  return requeue(run, {
    message: `${message}; to be claimed again`,
    dueAt: now,
    expiresInMs: policy.retentionMs,
    infrastructureAttempts: run.infrastructureAttempts + 1,
    // User code may have been called: what runs next is another attempt.
    attempt: run.attempt + 1,
  });
}

function whyLost(why: 'silent' | 'unnamed'): string {
  return why === 'silent'
    ? 'its agent was not heard of for the length of the lease'
    : 'its agent is there but does not hold the run any more';
}
