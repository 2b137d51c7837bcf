/** A person asks for another attempt of a run that has ended. */
import type { RetryMode } from '@signalbox/proto';
import type { Rule } from '../run-snapshot.ts';
import { accept, reject } from './verdict.ts';

const DAY_MS = 86_400_000;

const WORDS: { readonly [M in RetryMode]: string } = {
  'from-failed': 'what has finished is kept',
  'from-start': 'from the start',
};

/** The same run, due now, under a higher epoch; what counts against it begins anew. */
export const tryAgain: Rule<'retry-by-hand'> = (run, { by, mode = 'from-failed' }, { now, policy }) => {
  if (now >= policy.closesAt)
    return reject(
      'not-now',
      `the day of this run is closing: its history is kept for ${policy.retentionMs / DAY_MS} days and goes; start a new run of its deployment`,
    );
  return accept(
    run,
    {
      type: 'SCHEDULED',
      name: 'Scheduled',
      message: `retried by ${by}, ${WORDS[mode]}`,
      retry: { by, mode },
      epoch: 'raise',
      owner: 'release',
      dueAt: now,
      expiresInMs: policy.retentionMs,
      permitRequestId: null,
      grantedAt: null,
      startedAt: null,
      attempt: run.attempt + 1,
      retries: 0,
      infrastructureAttempts: 0,
      startFailures: 0,
      firstStartFailureAt: null,
      excludedAgents: [],
      cancelCause: null,
      wanted: null,
    },
    ['offer'],
  );
};
