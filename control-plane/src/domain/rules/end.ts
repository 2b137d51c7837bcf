/** How an attempt ends: for good, or with another attempt to come. */
import type { RunFailure } from '@signalbox/proto';
import type { Facts, Next, Rule, RunSnapshot, Verdict } from '../run-snapshot.ts';
import { requeue } from './requeue.ts';
import { retryDelayMs } from './retry-delay.ts';
import { accept, later } from './verdict.ts';

/** Terminal: no owner, no slots, no deadline. */
export function end(run: RunSnapshot, change: Partial<Next> & Pick<Next, 'type' | 'name'>): Verdict {
  return accept(run, { owner: 'release', slots: 'free', deadlineMs: null, wanted: null, ...change }, ['wake-waiters']);
}

export const complete: Rule<'complete'> = (run, intent) =>
  end(run, { type: 'COMPLETED', name: intent.name ?? 'Completed', message: intent.message ?? null, result: intent.result ?? null });

export const fail: Rule<'fail'> = (run, intent, facts) =>
  retryOr(run, intent.failure, facts, { type: 'FAILED', name: intent.name ?? 'Failed', message: intent.message ?? intent.failure.message });

export const timeOut: Rule<'time-out'> = (run, intent, facts) =>
  retryOr(run, intent.failure, facts, { type: 'FAILED', name: 'TimedOut', message: intent.message ?? intent.failure.message });

/** The process died. Flow retries are for what the flow itself throws, so this is final. */
export const crash: Rule<'crash'> = (run, intent) =>
  end(run, { type: 'CRASHED', name: 'Crashed', message: intent.message ?? intent.failure.message, failure: intent.failure });

/** The process ended because it was cancelled, asked for here or on its own machine. */
export const cancelledThere: Rule<'cancelled-observed'> = (run, intent) =>
  end(run, { type: 'CANCELLED', name: 'Cancelled', message: intent.message ?? null });

/** RUNNING -> AwaitingRetry under a new epoch while the policy has retries left, else the end given. */
export function retryOr(
  run: RunSnapshot,
  failure: RunFailure,
  { now, policy, random }: Facts,
  final: Pick<Next, 'type' | 'name' | 'message'>,
): Verdict {
  const delayMs = retryDelayMs(policy.retry, run.retries, failure, random);
  if (delayMs === null) return end(run, { ...final, failure });
  return requeue(run, {
    name: 'AwaitingRetry',
    message: `attempt ${run.attempt} ended: ${final.message ?? failure.message}`,
    dueAt: later(now, delayMs),
    expiresInMs: policy.retentionMs,
    retries: run.retries + 1,
    attempt: run.attempt + 1,
  });
}
