import { describe, expect, test } from 'vitest';
import type { HeldRun } from '../spool/facts.ts';
import { ownersOf, planResume } from './resume.ts';

const claim = {
  run: 'run_01h455vb4pex5vsknk084sn02q',
  epoch: 1,
  name: 'x',
  flow: { id: 'flow_01h455vb4pex5vsknk084sn02q', name: 'f' },
  deployment: { id: 'dep_01h455vb4pex5vsknk084sn02q', name: 'd' },
  digest: 'd',
  timeoutMs: null,
  graceMs: 1,
  isolation: 'fresh',
} as const;
const held: HeldRun = {
  claim,
  child: null,
  isGranted: false,
  startingAt: null,
  hasStarted: false,
  stopping: null,
  endedN: null,
  mark: { n: 0, parts: 0 },
};

describe('after a restart of the agent', () => {
  test.each([
    ['claimed', {}, false, 'run.given-back'],
    ['claimed, with a child', { child: 'c' }, true, 'run.given-back'],
    ['granted and not started', { isGranted: true }, true, 'run.given-back'],
    ['about to start, its child gone', { isGranted: true, startingAt: 1 }, false, 'run.given-back'],
    ['about to start, its child there', { isGranted: true, startingAt: 1 }, true, null],
    ['started, its child gone', { isGranted: true, startingAt: 1, hasStarted: true }, false, 'run.ended'],
    ['started, its child there', { isGranted: true, startingAt: 1, hasStarted: true }, true, null],
    [
      'started and to be suspended, its child gone',
      { isGranted: true, startingAt: 1, hasStarted: true, stopping: 'suspended' },
      false,
      'run.suspended',
    ],
    ['ended', { isGranted: true, startingAt: 1, hasStarted: true, endedN: 9 }, true, null],
  ] as const)('a run that was %s', (_what, more, hasChild, said) => {
    expect(planResume({ ...held, ...more }, hasChild).lastWord?.type ?? null).toBe(said);
  });

  test('its timeout goes on counting from when user code was called, whatever the wall clock says', () => {
    const started = { ...held, startingAt: Date.now() + 3_600_000, startingBootMs: 1_000, hasStarted: true };
    expect(planResume(started, true, 4_000)).toEqual({ phase: 'running', lastWord: null, startedBootMs: 1_000 });
  });

  test('the timeout of a journal without such an instant begins anew', () => {
    expect(planResume({ ...held, startingAt: 1_000, hasStarted: true }, true, 4_000)).toMatchObject({ startedBootMs: 4_000 });
  });

  test('a process that served several runs is that of the run that has not ended, else of the last', () => {
    const [first, second, third] = [1, 2, 3].map((epoch) => ({ ...held, claim: { ...claim, epoch }, child: 'c', endedN: epoch }));
    const living = { ...held, child: 'c' };
    const owner = (...runs: (HeldRun | undefined)[]) => ownersOf(runs.flatMap((run) => run ?? [])).get('c');
    expect(owner(first, second, third)).toBe(third);
    expect(owner(first, living)).toBe(living);
    expect(owner(living, third)).toBe(living);
    expect(ownersOf([held])).toEqual(new Map());
  });
});
