/** Runs that wait: for their turn, or for a child. */
import type { Rule } from '../run-snapshot.ts';
import { end } from './end.ts';
import { accept } from './verdict.ts';

/** Nobody started it for as long as it may wait. */
export const expireWaiting: Rule<'expire'> = (run) =>
  end(run, { type: 'CANCELLED', name: 'Cancelled', message: `expired: due at ${run.dueAt.toISOString()} and not started in time` });

/**
 * Its slots are free for others, the child among them; its process and its owner stay. User code asks, so it has started,
 * whatever was reported by now.
 */
export const awaitChild: Rule<'await-child'> = (run, _intent, { now }) =>
  accept(run, { type: 'RUNNING', name: 'AwaitingChild', slots: 'free', startedAt: run.startedAt ?? now }, ['wake-waiters']);

/** It goes on. The caller has seen that there is room for its slots, under the locks that claims take. */
export const childEnded: Rule<'child-ended'> = (run) => accept(run, { type: 'RUNNING', name: 'Running', slots: 'take' });
