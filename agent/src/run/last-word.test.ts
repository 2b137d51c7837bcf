import { describe, expect, test } from 'vitest';
import { exitVerdict, frameVerdict, isLeaving, startVerdict } from './last-word.ts';
import { GiveBackError, StartFailedError } from './startup.ts';

const exit = { code: 1, signal: null, isWitnessed: true, stderrTail: '' };
const ended = { type: 'ended', n: 9, at: '2026-01-01T00:00:00.000Z' } as const;

describe('what user code says', () => {
  test('is what is reported', () => {
    expect(frameVerdict({ ...ended, state: 'COMPLETED', name: 'Skipped' }, null)).toEqual({
      type: 'run.ended',
      state: 'COMPLETED',
      name: 'Skipped',
    });
  });

  test('that it was stopped, when its time was over, is reported as TimedOut', () => {
    expect(frameVerdict({ ...ended, state: 'CANCELLED' }, 'timed-out')).toMatchObject({ state: 'FAILED', name: 'TimedOut' });
  });

  test('that it completed after all stands', () => {
    expect(frameVerdict({ ...ended, state: 'COMPLETED' }, 'timed-out')).toMatchObject({ state: 'COMPLETED' });
  });
});

describe('a process that leaves', () => {
  test.each([
    ['SUSPENDED', null, true],
    ['SUSPENDED', 'cancelled', true],
    ['CANCELLED', 'suspended', true],
    ['CANCELLED', 'cancelled', false],
    ['COMPLETED', 'suspended', false],
    ['FAILED', 'suspended', false],
  ] as const)('%s, stopped for %s: %s', (state, stopped, leaves) => expect(isLeaving({ ...ended, state }, stopped)).toBe(leaves));
});

describe('an exit without a word', () => {
  test.each([
    ['loading', null, { type: 'run.start-failed' }],
    ['starting', null, { type: 'run.start-failed' }],
    ['running', null, { type: 'run.ended', state: 'CRASHED' }],
    ['running', 'cancelled', { type: 'run.ended', state: 'CANCELLED' }],
    ['running', 'timed-out', { type: 'run.ended', state: 'FAILED', name: 'TimedOut' }],
    ['running', 'suspended', { type: 'run.suspended' }],
    ['running', 'agent-stopped', { type: 'run.ended', state: 'CRASHED' }],
  ] as const)('in phase %s, stopped for %s', (phase, reason, verdict) => {
    expect(exitVerdict(exit, phase, { reason, wasKilled: false, graceMs: 1_000 })).toMatchObject(verdict);
  });
});

describe('what did not get as far as user code', () => {
  test.each([
    [new Error('x'), 'not-yours', null],
    [new Error('x'), 'cancelled', 'run.ended'],
    [new Error('x'), 'suspended', 'run.suspended'],
    [new GiveBackError('drain'), null, 'run.given-back'],
    [new StartFailedError({ kind: 'crashed', message: 'x' }), null, 'run.start-failed'],
    [new Error('anything else'), null, 'run.start-failed'],
  ] as const)('%s, stopped for %s', (error, stopped, type) => {
    expect(startVerdict(error, stopped)?.type ?? null).toBe(type);
  });
});
