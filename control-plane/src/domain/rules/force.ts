/**
 * A person says how a run ended. The limits: only an end may be said, and only of a run that no live process can
 * contradict (one that waits, is suspended, lost, or has ended). Nobody forces a claim, a permit or a slot, and what an
 * agent holds is cancelled first: its process would go on, whatever a row says.
 */
import type { Rule, RunSnapshot, Verdict } from '../run-snapshot.ts';
import { stateKey } from '../state-key.ts';
import { end } from './end.ts';
import { accept, reject } from './verdict.ts';

export const forceEnd: Rule<'force'> = (run, { to, by }) => {
  const { type, name } = to;
  const message = `set to ${name} by ${by}: ${to.reason}`;
  const failure = type === 'FAILED' || type === 'CRASHED' ? ({ kind: 'application', message } as const) : null;
  return end(run, { type, name, message, failure });
};

/** Result and failure stay as they were told: only what people call it changes. */
export const restate: Rule<'force'> = (run, { to, by }) => {
  if (run.type === to.type && run.name === to.name) return reject('already', `the run is ${run.name} already`);
  return accept(run, { type: to.type, name: to.name, message: `set to ${to.name} by ${by}: ${to.reason}` });
};

export const heldElsewhere = (run: RunSnapshot): Verdict =>
  reject(
    'not-now',
    `its agent holds it (${stateKey(run.type, run.name)}) and its process would go on: cancel it first, then set its state`,
  );
