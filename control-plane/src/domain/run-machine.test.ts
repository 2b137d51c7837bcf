/** The machine, cell by cell, as DESIGN's section 4 says it, and what holds in all of its cells. */
import { isTerminal } from '@signalbox/proto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { factsWith, INTENTS, NOW, OWNER, runIn } from '../../test/run-snapshots.ts';
import { decide, INTENT_KINDS, stateKey } from './run-machine.ts';
import { type Intent, type IntentKind, type RunSnapshot, STATE_KEYS, type Verdict } from './run-snapshot.ts';

/**
 * What each cell answers for a run as it usually stands (test/run-snapshots.ts): the state entered, or why not.
 * `-` cannot happen there, `=` is so already, `~` nobody holds it, `.` has ended.
 */
// biome-ignore format: a table
const EXPECTED: { readonly [K in IntentKind]: string } = {
  //                     Scheduled AwaitingRetry Resuming Pending Running AwaitingChild Lost Paused Suspended Cancelling | Completed Failed Crashed Cancelled
  'claim':              'Pending Pending Pending - - - - - - - . . . .',
  'grant':              '~ ~ ~ Running = - = - ~ - . . . .',
  'start':              '~ ~ ~ - = = = = ~ Cancelling . . . .',
  'complete':           '~ ~ ~ - Completed Completed Completed Completed ~ Completed . . . .',
  'fail':               '~ ~ ~ - Failed Failed Failed Failed ~ Cancelled . . . .',
  'time-out':           '~ ~ ~ - Failed Failed Failed Failed ~ Cancelled . . . .',
  'crash':              '~ ~ ~ Scheduled Crashed Crashed Crashed Crashed ~ Cancelled . . . .',
  'cancelled-observed': '~ ~ ~ - Cancelled Cancelled Cancelled Cancelled ~ Cancelled . . . .',
  'give-back':          '~ ~ ~ Scheduled - - - - ~ Cancelled . . . .',
  'start-failed':       '~ ~ ~ Scheduled - - - - ~ Cancelled . . . .',
  'pause':              '~ ~ ~ - Paused - Paused = ~ - . . . .',
  'suspend':            '~ ~ ~ - Suspended Suspended Suspended Suspended ~ - . . . .',
  'await-child':        '~ ~ ~ - AwaitingChild = AwaitingChild - ~ - . . . .',
  'child-ended':        '- - - - = Running - - - - . . . .',
  'resume':             '- - = - = = = Running Resuming - . . . .',
  'cancel':             'Cancelled Cancelled Cancelled Cancelling Cancelling Cancelling Cancelling Cancelling Cancelled = . . . .',
  'lose':               '- - - Scheduled Lost Lost = Lost - Cancelled . . . .',
  'regain':             '- - - = = = Running = - = . . . .',
  'lost-deadline':      '- - - - - - Crashed - - - . . . .',
  'start-timeout':      '- - - Scheduled - - - - - - . . . .',
  'expire':             'Cancelled Cancelled Cancelled - - - - Cancelling Failed - . . . .',
  'retry-by-hand':      '- - - - - - - - - - . Scheduled Scheduled Scheduled',
  'hold':               '- - - - Running AwaitingChild Lost Paused = - . . . .',
  'force':              'Completed Completed Completed - - - Completed - Completed - = Completed Completed Completed',
};
const MARK = { 'not-now': '-', already: '=', over: '.', stale: '~' } as const;

function shown(verdict: Verdict): string {
  if (verdict.kind === 'wait') return 'wait';
  return verdict.kind === 'reject' ? MARK[verdict.code] : stateKey(verdict.next.type, verdict.next.name);
}

describe('every intent in every state', () => {
  test('has a cell here', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual([...INTENT_KINDS].sort());
    for (const row of Object.values(EXPECTED)) expect(row.split(' ')).toHaveLength(STATE_KEYS.length);
  });

  test.each(INTENT_KINDS.flatMap((kind) => STATE_KEYS.map((state, i) => [kind, state, EXPECTED[kind].split(' ')[i]] as const)))(
    '%s in %s: %s',
    (kind, state, expected) => {
      expect(shown(decide(runIn(state), INTENTS[kind], factsWith()))).toBe(expected);
    },
  );

  test('a refusal names the state and what cannot be done', () => {
    expect(decide(runIn('Scheduled'), INTENTS.complete, factsWith())).toMatchObject({ kind: 'reject', code: 'stale' });
    expect(decide(runIn('Pending'), INTENTS.pause, factsWith())).toMatchObject({ reason: 'a run that is Pending cannot pause' });
  });
});

describe('before user code was called, RUNNING', () => {
  const granted = runIn('Running', { startedAt: null });
  test.each([
    ['give-back', 'Scheduled'],
    ['start-failed', 'Scheduled'],
    ['start-timeout', 'Scheduled'],
    ['start', 'Running'],
  ] as const)('%s: %s', (kind, expected) => {
    expect(shown(decide(granted, INTENTS[kind], factsWith()))).toBe(expected);
  });
});

describe('owner and epoch', () => {
  const theirs = INTENT_KINDS.filter((kind) => 'owner' in INTENTS[kind]);
  test.each(theirs)('%s counts only from the agent that holds the run, under its epoch', (kind) => {
    for (const owner of [
      { ...OWNER, epoch: 6 },
      { ...OWNER, epoch: 8 },
      { ...OWNER, agentId: 'agent-b' },
    ]) {
      const intent = { ...INTENTS[kind], owner } as Intent;
      expect(shown(decide(runIn('Running'), intent, factsWith()))).toBe('~');
      expect(shown(decide(runIn('Completed'), intent, factsWith()))).toBe('.');
    }
  });
});

describe('names a flow or a launcher gave', () => {
  test.each([
    ['PENDING', 'InfrastructurePending', 'Pending'],
    ['COMPLETED', 'Skipped', 'Completed'],
    ['FAILED', 'TimedOut', 'Failed'],
    ['SCHEDULED', 'Scheduled', 'Scheduled'],
  ] as const)('%s %s counts as %s', (type, name, key) => expect(stateKey(type, name)).toBe(key));
});

const maybeDate = fc.option(
  fc.integer({ min: -7_200_000, max: 60_000 }).map((ms) => new Date(NOW.getTime() + ms)),
  { nil: null },
);
const anyRun = fc
  .record({
    state: fc.constantFrom(...STATE_KEYS),
    startedAt: maybeDate,
    grantedAt: maybeDate,
    dueInMs: fc.integer({ min: -10_000, max: 10_000 }),
    retries: fc.nat(4),
    infrastructureAttempts: fc.nat(4),
    startFailures: fc.nat(12),
    firstStartFailureAt: maybeDate,
    excludedAgents: fc.subarray(['agent-a', 'agent-b', 'agent-c']),
    cancelCause: fc.constantFrom('asked' as const, 'pause-expired' as const),
  })
  .map(({ state, dueInMs, ...rest }): RunSnapshot => runIn(state, { ...rest, dueAt: new Date(NOW.getTime() + dueInMs) }));
const anyFacts = fc
  .record({ retries: fc.nat(3), onLostAgent: fc.constantFrom('crash' as const, 'retry' as const, 'requeue' as const) })
  .map(({ retries, onLostAgent }) => factsWith({ retry: { retries, delaysMs: [1_000] }, onLostAgent }));
const anyIntent = fc.constantFrom(...Object.values(INTENTS));

describe('in any state, under any intent', () => {
  const always = (check: (run: RunSnapshot, verdict: Verdict, intent: Intent) => void) =>
    fc.assert(
      fc.property(anyRun, anyIntent, anyFacts, (run, intent, facts) => check(run, decide(run, intent, facts), intent)),
      { numRuns: 5_000 },
    );

  test('terminal is final, but for a retry by hand, and for another name of the end', () => {
    always((run, verdict, intent) => {
      if (!isTerminal(run.type) || intent.kind === 'retry-by-hand') return;
      if (intent.kind === 'force' && verdict.kind === 'accept') expect(isTerminal(verdict.next.type)).toBe(true);
      else expect(verdict.kind).toBe('reject');
    });
  });

  test('who is let go without an end raises the epoch, and nothing else lets an owner write on', () => {
    always((run, verdict) => {
      if (verdict.kind !== 'accept') return;
      const { next } = verdict;
      if (next.owner === 'release' && run.agentId && !isTerminal(next.type)) expect(next.epoch).toBe('raise');
      if (next.owner === 'keep') expect(next.epoch).toBe('keep');
    });
  });

  test('there is no state without an owner and a deadline', () => {
    always((run, verdict) => {
      if (verdict.kind !== 'accept' || isTerminal(verdict.next.type)) return;
      const { next } = verdict;
      const held = next.owner === 'take' || (next.owner === 'keep' && run.agentId !== null);
      // Held: its agent, by its lease. Not held: the dispatcher or a person, by `expiresAt`.
      const waits = next.type === 'SCHEDULED' || stateKey(next.type, next.name) === 'Suspended';
      expect(held).toBe(!waits);
      const isKept = next.deadlineMs === 'keep' && next.type === run.type && next.name === run.name;
      if (next.type === 'PENDING' || next.name === 'Lost' || next.name === 'Paused') {
        if (!isKept) expect(next.deadlineMs).toBeGreaterThan(0);
      }
    });
  });

  test('slots are free in every state that holds none', () => {
    always((run, verdict) => {
      if (verdict.kind !== 'accept') return;
      const { next } = verdict;
      const holdsNone = next.type === 'SCHEDULED' || isTerminal(next.type) || ['Suspended', 'AwaitingChild'].includes(next.name);
      const entersIt = stateKey(run.type, run.name) !== stateKey(next.type, next.name);
      if (run.agentId && holdsNone && entersIt) expect(next.slots).toBe('free');
    });
  });

  test('every end but a plain one says why', () => {
    always((run, verdict) => {
      if (verdict.kind !== 'accept' || !isTerminal(verdict.next.type) || run.type === 'CANCELLING') return;
      if (verdict.next.type === 'FAILED' || verdict.next.type === 'CRASHED') expect(verdict.next.message).toBeTruthy();
    });
  });

  test('the counters never fall, but by a retry by hand', () => {
    always((run, verdict, intent) => {
      if (verdict.kind !== 'accept' || intent.kind === 'retry-by-hand') return;
      for (const counter of ['attempt', 'retries', 'infrastructureAttempts', 'startFailures'] as const) {
        expect(verdict.next[counter]).toBeGreaterThanOrEqual(run[counter]);
      }
    });
  });
});
