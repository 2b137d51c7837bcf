/** The rules behind the machine's cells, with their numbers. */
import { describe, expect, test } from 'vitest';
import { AGENT, factsWith, INTENTS, NOW, OWNER, runIn } from '../../../test/run-snapshots.ts';
import { decide } from '../run-machine.ts';
import { retryDelayMs } from './retry-delay.ts';
import { startFailureDelayMs } from './start-failure.ts';
import { later } from './verdict.ts';

const retry = { retries: 3, delaysMs: [1_000, 5_000] };
const boom = { kind: 'application', message: 'boom' } as const;

describe('a flow retry', () => {
  test.each([
    ['the first waits the first delay', 0, boom, 1_000],
    ['the last delay repeats', 2, boom, 5_000],
    ['none is left', 3, boom, null],
    ['the author says that it cannot help', 0, { ...boom, retryable: false }, null],
    ['the author asked for another wait', 0, { ...boom, retryAfterMs: 60_000 }, 60_000],
  ])('%s', (_title, used, failure, expected) => expect(retryDelayMs(retry, used, failure, 0.5)).toBe(expected));

  test('with jitter takes its part more or less; what the author asked for is kept to the millisecond', () => {
    const jittered = { retries: 3, delaysMs: [10_000], jitter: 0.2 };
    expect([0, 0.5, 0.999].map((random) => retryDelayMs(jittered, 0, boom, random))).toEqual([8_000, 10_000, 11_996]);
    expect(retryDelayMs(jittered, 0, { ...boom, retryAfterMs: 60_000 }, 0)).toBe(60_000);
  });

  test('without delays the next attempt is due at once', () => expect(retryDelayMs({ retries: 1, delaysMs: [] }, 0, null, 0.9)).toBe(0));

  test('goes to AwaitingRetry, counts, and names the cause', () => {
    expect(decide(runIn('Running'), INTENTS.fail, factsWith({ retry }))).toMatchObject({
      kind: 'accept',
      next: {
        type: 'SCHEDULED',
        name: 'AwaitingRetry',
        epoch: 'raise',
        attempt: 2,
        retries: 1,
        dueAt: later(NOW, 1_000),
        message: 'attempt 1 ended: boom',
      },
      effects: ['wake-waiters', 'offer'],
    });
  });

  test('is for what the flow throws: a process that dies is final', () => {
    expect(decide(runIn('Running'), INTENTS.crash, factsWith({ retry }))).toMatchObject({ next: { type: 'CRASHED' } });
  });
});

describe('a permit', () => {
  test('is never given before the due instant', () => {
    const dueAt = later(NOW, 1_500);
    expect(decide(runIn('Pending', { dueAt }), INTENTS.grant, factsWith())).toEqual({ kind: 'wait', until: dueAt });
  });
  test('is answered the same within 10 s, and void after', () => {
    const answer = (ms: number) => decide(runIn('Running', { grantedAt: later(NOW, -ms) }), INTENTS.grant, factsWith());
    expect(answer(10_000)).toMatchObject({ code: 'already' });
    expect(answer(10_001)).toMatchObject({ code: 'not-now', reason: 'the permit was given 10 s ago and is void after 10 s' });
  });
  test('is given to one request', () => {
    expect(decide(runIn('Running'), { ...INTENTS.grant, requestId: 'another' }, factsWith())).toMatchObject({ code: 'not-now' });
  });
});

describe('a claim', () => {
  test('waits until the prefetch before the due instant', () => {
    const dueAt = later(NOW, 5_000);
    expect(decide(runIn('Scheduled', { dueAt }), INTENTS.claim, factsWith())).toEqual({ kind: 'wait', until: later(dueAt, -2_000) });
  });
  test('carries the permit for a due run only', () => {
    const claim = { ...INTENTS.claim, permit: 'c1' };
    expect(decide(runIn('Scheduled'), claim, factsWith())).toMatchObject({ next: { type: 'RUNNING', deadlineMs: 15_000 } });
    expect(decide(runIn('Scheduled', { dueAt: later(NOW, 1_000) }), claim, factsWith())).toMatchObject({
      next: { type: 'PENDING', deadlineMs: 61_000 },
    });
  });
});

describe('a start that fails', () => {
  const failed = (more: object) => decide(runIn('Pending', more), INTENTS['start-failed'], factsWith());
  test('is tried elsewhere at once, then later, a minute at most', () => {
    expect([1, 2, 3, 4, 20].map(startFailureDelayMs)).toEqual([0, 1_000, 2_000, 4_000, 60_000]);
    expect(failed({})).toMatchObject({ next: { type: 'SCHEDULED', startFailures: 1, excludedAgents: [AGENT], attempt: 1 } });
  });
  test('ends it at the tenth on two agents', () => {
    expect(failed({ startFailures: 9, excludedAgents: ['agent-b'], firstStartFailureAt: NOW })).toMatchObject({
      next: { type: 'CRASHED', message: 'could not be started: module not found' },
    });
    expect(failed({ startFailures: 9, excludedAgents: [AGENT], firstStartFailureAt: NOW })).toMatchObject({ next: { type: 'SCHEDULED' } });
  });
  test('ends it on one agent after 30 minutes', () => {
    expect(failed({ startFailures: 12, excludedAgents: [AGENT], firstStartFailureAt: later(NOW, -30 * 60_000) })).toMatchObject({
      next: { type: 'CRASHED' },
    });
  });
  test('ends it at once when trying again cannot help', () => {
    const intent = {
      ...INTENTS['start-failed'],
      failure: { kind: 'crashed', message: 'no export "etl" in flow.ts', retryable: false },
    } as const;
    expect(decide(runIn('Pending'), intent, factsWith())).toMatchObject({
      next: { type: 'CRASHED', message: 'could not be started: no export "etl" in flow.ts' },
    });
  });
});

describe('a cancel', () => {
  test('of a run that completed before it took effect leaves it COMPLETED', () => {
    expect(decide(runIn('Cancelling'), INTENTS.complete, factsWith())).toMatchObject({ next: { type: 'COMPLETED' } });
  });
  test('that somebody asked for ends as Cancelled', () => {
    expect(decide(runIn('Paused'), INTENTS.cancel, factsWith())).toMatchObject({ next: { type: 'CANCELLING', cancelCause: 'asked' } });
    expect(decide(runIn('Cancelling'), INTENTS.fail, factsWith())).toMatchObject({ next: { type: 'CANCELLED' } });
  });
  test('of a pause that nobody ended makes it fail', () => {
    expect(decide(runIn('Cancelling', { cancelCause: 'pause-expired' }), INTENTS['cancelled-observed'], factsWith())).toMatchObject({
      next: { type: 'FAILED', message: 'nobody ended its pause in time' },
    });
  });
});

test('an agent that is back takes a run up as it was: one that waits for its child has no slots yet', () => {
  expect(decide(runIn('Lost'), INTENTS.regain, factsWith())).toMatchObject({ next: { name: 'Running', slots: 'keep' } });
  expect(decide(runIn('Lost', { isAwaitingChild: true }), INTENTS.regain, factsWith())).toMatchObject({
    next: { name: 'AwaitingChild', slots: 'keep' },
  });
});

test('an agent that is back and has not said that user code was called must still say so', () => {
  expect(decide(runIn('Lost', { startedAt: null }), INTENTS.regain, factsWith())).toMatchObject({ next: { deadlineMs: 15_000 } });
  expect(decide(runIn('Lost'), INTENTS.regain, factsWith())).toMatchObject({ next: { deadlineMs: null } });
});

/** How long a run may wait begins anew with each wait, whenever it was created. */
describe('a run that waits again', () => {
  const old = { dueAt: later(NOW, -20 * 86_400_000) };
  const expiresInMs = 30 * 86_400_000;
  test.each([
    ['for its next attempt', 'Running', INTENTS.fail, { name: 'AwaitingRetry', dueAt: later(NOW, 1_000), expiresInMs }],
    ['for a person', 'Running', INTENTS.suspend, { name: 'Suspended', dueAt: NOW, expiresInMs }],
    ['for an agent, once it is resumed', 'Suspended', INTENTS.resume, { name: 'Resuming', dueAt: NOW, expiresInMs }],
    ['for an agent, retried by hand', 'Crashed', INTENTS['retry-by-hand'], { name: 'Scheduled', dueAt: NOW, expiresInMs }],
    ['for another agent, since its own is lost', 'Lost', INTENTS['lost-deadline'], { name: 'Scheduled', dueAt: NOW, expiresInMs }],
  ] as const)('%s', (_title, state, intent, next) => {
    expect(decide(runIn(state, old), intent, factsWith({ retry, onLostAgent: 'requeue' }))).toMatchObject({ next });
  });
});

/** What the caller does after the commit: forgotten, a limit stays full or an agent stays in its back-off. */
describe('what follows', () => {
  test.each([
    ['a first start ends the back-off of its agent', runIn('Running', { startedAt: null }), INTENTS.start, 'clear-start-failures'],
    ['a parent that waits lets others have its slots', runIn('Running'), INTENTS['await-child'], 'wake-waiters'],
    ['an end lets others have its slots', runIn('Running'), INTENTS.complete, 'wake-waiters'],
    ['a suspension lets others have its slots', runIn('Running'), INTENTS.suspend, 'wake-waiters'],
    ['a run that is back is offered', runIn('Pending'), INTENTS['give-back'], 'offer'],
    ['a run that is resumed is offered', runIn('Suspended'), INTENTS.resume, 'offer'],
    ['a failed start counts against its agent', runIn('Pending'), INTENTS['start-failed'], 'count-start-failure'],
    ['a cancel is told', runIn('Running'), INTENTS.cancel, 'tell-agent-to-cancel'],
  ] as const)('%s', (_title, run, intent, effect) => {
    expect(decide(run, intent, factsWith())).toMatchObject({ effects: expect.arrayContaining([effect]) });
  });
});

describe('onLostAgent', () => {
  const lost = (onLostAgent: 'crash' | 'retry' | 'requeue', more: object = {}) =>
    decide(runIn('Lost', more), INTENTS['lost-deadline'], factsWith({ onLostAgent, retry: { retries: 1, delaysMs: [] } }));
  test('crash ends it', () => expect(lost('crash')).toMatchObject({ next: { type: 'CRASHED', failure: { kind: 'lost' } } }));
  test('retry uses up a flow retry', () => {
    expect(lost('retry')).toMatchObject({ next: { name: 'AwaitingRetry', retries: 1 } });
    expect(lost('retry', { retries: 1 })).toMatchObject({ next: { type: 'CRASHED' } });
  });
  test('requeue puts it back three times, as further attempts', () => {
    expect(lost('requeue', { infrastructureAttempts: 2 })).toMatchObject({
      next: { type: 'SCHEDULED', infrastructureAttempts: 3, retries: 0, attempt: 2 },
    });
    expect(lost('requeue', { infrastructureAttempts: 3 })).toMatchObject({ next: { type: 'CRASHED' } });
  });
});

test('a retry by hand begins anew, under a higher epoch', () => {
  expect(decide(runIn('Failed', { attempt: 4, retries: 3, startFailures: 2 }), INTENTS['retry-by-hand'], factsWith())).toMatchObject({
    next: {
      type: 'SCHEDULED',
      epoch: 'raise',
      attempt: 5,
      retries: 0,
      startFailures: 0,
      dueAt: NOW,
      retry: { by: 'Ada', mode: 'from-failed' },
      message: 'retried by Ada, what has finished is kept',
    },
  });
  expect(
    decide(runIn('Crashed', { excludedAgents: [AGENT], infrastructureAttempts: 3 }), INTENTS['retry-by-hand'], factsWith()),
  ).toMatchObject({
    next: { excludedAgents: [], infrastructureAttempts: 0 },
  });
  expect(decide(runIn('Failed'), INTENTS['retry-by-hand'], factsWith({ closesAt: NOW }))).toMatchObject({
    code: 'not-now',
    reason: 'the day of this run is closing: its history is kept for 30 days and goes; start a new run of its deployment',
  });
  const fromStart = { ...INTENTS['retry-by-hand'], mode: 'from-start' } as const;
  expect(decide(runIn('Crashed'), fromStart, factsWith())).toMatchObject({ next: { retry: { mode: 'from-start' } } });
  expect(OWNER.epoch).toBe(7);
});

describe('a pause', () => {
  test('lasts an hour unless its flow says otherwise, and proves that user code was called', () => {
    const granted = runIn('Running', { startedAt: null });
    expect(decide(granted, INTENTS.pause, factsWith())).toMatchObject({ next: { deadlineMs: 3_600_000, startedAt: NOW, slots: 'keep' } });
    const brief = { ...INTENTS.pause, timeoutMs: 5_000, message: 'Send it?' };
    expect(decide(granted, brief, factsWith())).toMatchObject({ next: { deadlineMs: 5_000, message: 'Send it?' } });
  });

  test('that a person asks for is a wish until its process obeys, and its deadlines stay as they are', () => {
    const wanted = { how: 'pause', key: 'k', timeoutMs: null, message: null } as const;
    expect(decide(runIn('Running'), { kind: 'hold', by: 'Ada', wanted }, factsWith())).toMatchObject({
      next: { type: 'RUNNING', wanted, deadlineMs: 'keep', message: 'Ada asked to pause it, before its next task' },
      effects: ['tell-agent-to-hold'],
    });
    expect(decide(runIn('Running', { wanted }), INTENTS.resume, factsWith())).toMatchObject({ next: { type: 'RUNNING', wanted: null } });
  });
});

describe('a suspension', () => {
  const wanted = { how: 'suspend', key: 'k', timeoutMs: 60_000, message: 'Approve' } as const;
  const day = 86_400_000;

  test('waits as long as was asked, and never longer than its history is kept', () => {
    const waits = (timeoutMs: number | null) =>
      decide(runIn('Running', { wanted: { ...wanted, timeoutMs } }), INTENTS.suspend, factsWith());
    expect(waits(60_000)).toMatchObject({
      next: { name: 'Suspended', message: 'Approve', expiresInMs: 60_000, epoch: 'raise', slots: 'free', wanted: null },
    });
    expect(waits(null)).toMatchObject({ next: { expiresInMs: 30 * day } });
    expect(waits(90 * day)).toMatchObject({ next: { expiresInMs: 30 * day } });
  });

  test('that is on its way is neither taken back nor turned into a pause', () => {
    const leaving = runIn('Running', { wanted });
    expect(decide(leaving, INTENTS.resume, factsWith())).toMatchObject({
      code: 'not-now',
      reason: expect.stringContaining('once it is Suspended'),
    });
    expect(decide(leaving, { ...INTENTS.hold, wanted: { ...wanted, how: 'pause' } }, factsWith())).toMatchObject({ code: 'already' });
    expect(decide(runIn('Paused', { wanted }), INTENTS.resume, factsWith())).toMatchObject({ code: 'not-now' });
  });

  test('goes on when its process ended another way', () => {
    expect(decide(runIn('Running', { wanted }), INTENTS.complete, factsWith())).toMatchObject({
      next: { type: 'COMPLETED', wanted: null },
    });
    expect(decide(runIn('Running', { wanted }), INTENTS.fail, factsWith({ retry }))).toMatchObject({
      next: { name: 'AwaitingRetry', wanted: null },
    });
  });
});

describe('a state that a person sets', () => {
  test('says who, and why', () => {
    expect(decide(runIn('Failed'), INTENTS.force, factsWith())).toMatchObject({
      next: { type: 'COMPLETED', message: 'set to Completed by Ada: done by hand', owner: 'keep', slots: 'keep', epoch: 'keep' },
    });
  });

  test('takes a run that nobody holds out of the queue', () => {
    expect(decide(runIn('Suspended'), INTENTS.force, factsWith())).toMatchObject({ next: { owner: 'release', slots: 'free' } });
  });

  test('is refused, with what to do, while a process would go on', () => {
    expect(decide(runIn('Running'), INTENTS.force, factsWith())).toMatchObject({
      code: 'not-now',
      reason: 'its agent holds it (Running) and its process would go on: cancel it first, then set its state',
    });
  });
});

describe('a refusal that a person reads', () => {
  test.each([
    ['Scheduled', INTENTS.resume, 'a run that is Scheduled cannot be resumed: only one that is Paused or Suspended can'],
    [
      'Pending',
      INTENTS.hold,
      'a run that is Pending cannot be paused or suspended, since no process of it runs: cancel it, or pause its deployment',
    ],
    ['Running', INTENTS['retry-by-hand'], 'a run that is Running cannot be retried before it has ended: cancel it first, or wait'],
    [
      'Completed',
      INTENTS['retry-by-hand'],
      'the run has ended (Completed): what completed is not run again; start a new run of its deployment',
    ],
    ['Failed', INTENTS.cancel, 'the run has ended (Failed): there is nothing to stop'],
  ] as const)('%s', (state, intent, reason) => expect(decide(runIn(state), intent, factsWith())).toMatchObject({ reason }));
});
