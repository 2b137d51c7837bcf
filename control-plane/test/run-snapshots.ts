/** Runs as the machine sees them, for tests of the domain. */

import type { RunStateType } from '@signalbox/proto';
import type { Facts, Intent, IntentKind, RunSnapshot, StateKey } from '../src/domain/run-snapshot.ts';
import { DEFAULT_TIMINGS } from '../src/domain/run-snapshot.ts';

export const NOW = new Date('2026-01-31T08:00:00.000Z');
export const AGENT = 'agent-a';
export const OWNER = { agentId: AGENT, epoch: 7 };
export const REQUEST = 'request-1';

const TYPE_OF: { readonly [S in StateKey]: RunStateType } = {
  Scheduled: 'SCHEDULED',
  AwaitingRetry: 'SCHEDULED',
  Resuming: 'SCHEDULED',
  Pending: 'PENDING',
  Running: 'RUNNING',
  AwaitingChild: 'RUNNING',
  Lost: 'RUNNING',
  Paused: 'PAUSED',
  Suspended: 'PAUSED',
  Cancelling: 'CANCELLING',
  Completed: 'COMPLETED',
  Failed: 'FAILED',
  Crashed: 'CRASHED',
  Cancelled: 'CANCELLED',
};
const HELD: readonly StateKey[] = ['Pending', 'Running', 'AwaitingChild', 'Lost', 'Paused', 'Cancelling'];
const STARTED: readonly StateKey[] = ['Running', 'AwaitingChild', 'Lost', 'Paused'];

/** A run in this state as it usually stands: due, held by `OWNER` where it is held, user code called where it runs. */
export function runIn(state: StateKey, more: Partial<RunSnapshot> = {}): RunSnapshot {
  return {
    type: TYPE_OF[state],
    name: state,
    epoch: OWNER.epoch,
    attempt: 1,
    agentId: HELD.includes(state) ? AGENT : null,
    dueAt: NOW,
    permitRequestId: STARTED.includes(state) ? REQUEST : null,
    grantedAt: STARTED.includes(state) ? NOW : null,
    startedAt: STARTED.includes(state) ? NOW : null,
    retries: 0,
    infrastructureAttempts: 0,
    startFailures: 0,
    firstStartFailureAt: null,
    excludedAgents: [],
    cancelCause: state === 'Cancelling' ? 'asked' : null,
    isAwaitingChild: state === 'AwaitingChild',
    wanted: null,
    ...more,
  };
}

export function factsWith(policy: Partial<Facts['policy']> = {}, now = NOW): Facts {
  return {
    now,
    timings: DEFAULT_TIMINGS,
    random: 0.5,
    policy: {
      retry: { retries: 0, delaysMs: [] },
      onLostAgent: 'crash',
      startTimeoutMs: 60_000,
      retentionMs: 30 * 86_400_000,
      closesAt: new Date(now.getTime() + 30 * 86_400_000),
      ...policy,
    },
  };
}

const failure = { kind: 'application', message: 'boom' } as const;

/** One intent of each kind, from the owner where it needs one. */
export const INTENTS: { readonly [K in IntentKind]: Extract<Intent, { kind: K }> } = {
  claim: { kind: 'claim', agentId: AGENT },
  grant: { kind: 'grant', owner: OWNER, requestId: REQUEST },
  start: { kind: 'start', owner: OWNER },
  complete: { kind: 'complete', owner: OWNER },
  fail: { kind: 'fail', owner: OWNER, failure },
  'time-out': { kind: 'time-out', owner: OWNER, failure: { kind: 'timed-out', message: 'took longer than 60 s' } },
  crash: { kind: 'crash', owner: OWNER, failure: { kind: 'crashed', message: 'exit code 137' } },
  'cancelled-observed': { kind: 'cancelled-observed', owner: OWNER },
  'give-back': { kind: 'give-back', owner: OWNER, reason: 'draining' },
  'start-failed': { kind: 'start-failed', owner: OWNER, failure: { kind: 'crashed', message: 'module not found' } },
  pause: { kind: 'pause', owner: OWNER },
  suspend: { kind: 'suspend', owner: OWNER },
  'await-child': { kind: 'await-child', owner: OWNER },
  'child-ended': { kind: 'child-ended' },
  resume: { kind: 'resume', by: 'Ada' },
  cancel: { kind: 'cancel', by: 'Ada' },
  lose: { kind: 'lose', why: 'silent' },
  regain: { kind: 'regain' },
  'lost-deadline': { kind: 'lost-deadline' },
  'start-timeout': { kind: 'start-timeout' },
  expire: { kind: 'expire' },
  'retry-by-hand': { kind: 'retry-by-hand', by: 'Ada' },
  hold: { kind: 'hold', by: 'Ada', wanted: { how: 'suspend', key: 'by-hand', timeoutMs: null, message: null } },
  force: { kind: 'force', by: 'Ada', to: { type: 'COMPLETED', name: 'Completed', reason: 'done by hand' } },
};
