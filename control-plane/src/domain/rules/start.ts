/** User code was called, or it will not be. */
import type { Rule } from '../run-snapshot.ts';
import { requeue } from './requeue.ts';
import { accept, reject } from './verdict.ts';

/** The agent says that user code was called: from here on only its lease bounds the run. */
export const begin: Rule<'start'> = (run, intent, { now }) => {
  if (run.startedAt) return reject('already', 'its start is known');
  return accept(run, { type: 'RUNNING', name: 'Running', startedAt: intent.at ?? now }, ['clear-start-failures']);
};

/** A start that was on its way when the cancel came is kept; the cancel stands. */
export const beginCancelling: Rule<'start'> = (run, intent, { now }) => {
  if (run.startedAt) return reject('already', 'its start is known');
  return accept(run, { type: run.type, name: run.name, startedAt: intent.at ?? now });
};

/** Given back unstarted (a drain, a permit journalled without a start): no failure is counted. */
export const giveBack: Rule<'give-back'> = (run, intent) =>
  run.startedAt ? reject('not-now', 'user code had started') : requeue(run, { message: `given back by its agent: ${intent.reason}` });
