/**
 * A run that waits for a person: with its process (Paused) or without (Suspended).
 *
 * A flow pauses itself at once. All else is asked for first (`wanted`), since it is the process that must stop: at its
 * next task for a pause; for a suspension it lets what runs finish, leaves, and is killed when it does not.
 */
import type { Rule, RunSnapshot, Verdict } from '../run-snapshot.ts';
import { end } from './end.ts';
import { requeue } from './requeue.ts';
import { accept, reject } from './verdict.ts';

/** User code asks, so it has started, whatever was reported by now. A suspension that is on its way stays so. */
export const pause: Rule<'pause'> = (run, intent, { now, timings }) =>
  accept(run, {
    type: 'PAUSED',
    name: 'Paused',
    message: intent.message ?? null,
    deadlineMs: intent.timeoutMs ?? timings.pauseMs,
    startedAt: run.startedAt ?? now,
    wanted: run.wanted?.how === 'suspend' ? run.wanted : null,
  });

/** The process is gone; slots and owner go. It may stay so for as long as was asked, else for the workspace's retention. */
export const suspend: Rule<'suspend'> = (run, _intent, { now, policy }) =>
  requeue(run, {
    type: 'PAUSED',
    name: 'Suspended',
    message: run.wanted?.message ?? null,
    dueAt: now,
    expiresInMs: Math.min(run.wanted?.timeoutMs ?? policy.retentionMs, policy.retentionMs),
  });

/** The wish is kept in the row, and its agent told until it is so. The later wish counts, but leaving is not taken back. */
export const hold: Rule<'hold'> = (run, { wanted, by }) => {
  if (run.wanted?.how === 'suspend') return reject('already', 'it is being suspended already');
  if (run.wanted?.how === wanted.how) return reject('already', `it was asked to ${wanted.how} already`);
  if (run.type === 'PAUSED' && wanted.how === 'pause') return reject('already', 'the run is Paused already');
  const when = wanted.how === 'pause' ? 'before its next task' : 'once the tasks that run now have ended';
  const message = by === null ? `its flow suspends itself, ${when}` : `${by} asked to ${wanted.how} it, ${when}`;
  return accept(run, { type: run.type, name: run.name, message, wanted, deadlineMs: 'keep' }, ['tell-agent-to-hold']);
};

export const resumePaused: Rule<'resume'> = (run, intent) => {
  const leaving = isLeaving(run);
  return leaving ?? accept(run, { type: 'RUNNING', name: 'Running', message: `resumed by ${intent.by}` });
};

/** It was asked to pause and has not yet: the wish is taken back. */
export const takeBack: Rule<'resume'> = (run, intent) => {
  const leaving = isLeaving(run);
  if (leaving) return leaving;
  if (run.wanted === null) return reject('already', 'the run is not paused');
  return accept(run, {
    type: run.type,
    name: run.name,
    message: `${intent.by} no longer wants it paused`,
    wanted: null,
    deadlineMs: 'keep',
  });
};

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

function isLeaving(run: RunSnapshot): Verdict | null {
  if (run.wanted?.how !== 'suspend') return null;
  return reject('not-now', 'it is being suspended: resume it once it is Suspended, in a moment');
}
