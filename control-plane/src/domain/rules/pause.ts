/** A run that waits for a person: with its process (Paused) or without (Suspended). */
import type { Rule } from '../run-snapshot.ts';
import { end } from './end.ts';
import { requeue } from './requeue.ts';
import { accept } from './verdict.ts';

export const pause: Rule<'pause'> = (run, _intent, { timings }) =>
  accept(run, { type: 'PAUSED', name: 'Paused', deadlineMs: timings.pauseMs });

/** The process ends; slots and owner go; it may stay so for the workspace's retention. */
export const suspend: Rule<'suspend'> = (run, _intent, { now, policy }) =>
  requeue(run, { type: 'PAUSED', name: 'Suspended', dueAt: now, expiresInMs: policy.retentionMs });

export const resumePaused: Rule<'resume'> = (run, intent) =>
  accept(run, { type: 'RUNNING', name: 'Running', message: `resumed by ${intent.by}` });

/** A new claim will carry on; what ran before counts as an attempt of its own epoch. */
export const resumeSuspended: Rule<'resume'> = (run, intent, { now, policy }) =>
  accept(run, { type: 'SCHEDULED', name: 'Resuming', message: `resumed by ${intent.by}`, dueAt: now, expiresInMs: policy.retentionMs }, [
    'offer',
  ]);

/** The cancel path, and then FAILED. */
export const pauseExpired: Rule<'expire'> = (run) =>
  accept(run, { type: 'CANCELLING', name: 'Cancelling', message: 'nobody ended its pause in time', cancelCause: 'pause-expired' }, [
    'tell-agent-to-cancel',
  ]);

export const suspensionExpired: Rule<'expire'> = (run) => {
  const message = 'nobody resumed it in time';
  return end(run, { type: 'FAILED', name: 'Failed', message, failure: { kind: 'timed-out', message } });
};
