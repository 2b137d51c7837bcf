/** The right to call user code: once per epoch, never before the due instant. */
import { PERMIT_VALID_MS } from '@signalbox/proto/messages';
import type { Rule } from '../run-snapshot.ts';
import { accept, reject, waitUntil } from './verdict.ts';

/** The grant is the transition to RUNNING; the report that user code was called must follow. */
export const permit: Rule<'grant'> = (run, intent, { now, timings }) => {
  if (run.dueAt > now) return waitUntil(run.dueAt);
  return accept(run, {
    type: 'RUNNING',
    name: 'Running',
    permitRequestId: intent.requestId,
    grantedAt: now,
    deadlineMs: timings.startReportMs,
  });
};

/** The same request again is answered the same, for as long as the agent may still act on it. */
export const repeat: Rule<'grant'> = (run, intent, { now }) => {
  const sameRequest = run.permitRequestId === intent.requestId && run.grantedAt !== null;
  if (!sameRequest) return reject('not-now', 'the permit of this claim was given to another request');
  const ageMs = now.getTime() - run.grantedAt.getTime();
  return ageMs <= PERMIT_VALID_MS
    ? reject('already', 'granted')
    : reject('not-now', `the permit was given ${Math.round(ageMs / 1_000)} s ago and is void after ${PERMIT_VALID_MS / 1_000} s`);
};
