import { describe, expect, test } from 'vitest';
import { runBody, runInMemory } from '../test/run-in-memory.ts';
import { isCancelled, isTaskFailed } from './errors.ts';
import { flow } from './flow.ts';
import { cancelled, completed, failed } from './returned-state.ts';
import { task } from './task.ts';

const fails = task('fails', (): number => {
  throw new Error('no luck');
});
const works = task('works', (n: number) => n);

describe('a task that returns a state', () => {
  test('completed: is told under that name, and its caller gets the data', async () => {
    const skip = task('skip', () => completed({ name: 'Skipped', message: 'nothing new', data: [1] }));
    const { outcome, told } = await runBody(async () => (await skip()).length);
    expect(outcome.result).toBe(1);
    expect(told.last('skip#1')).toMatchObject({ state: 'COMPLETED', stateName: 'Skipped', message: 'nothing new' });
  });

  test('failed: is retried as a failure, told under that name, and thrown to its caller', async () => {
    const refuse = task({ name: 'refuse', retries: 1 }, () => failed({ name: 'Rejected', message: 'too few rows', data: 3 }));
    const { outcome, told } = await runBody(() => refuse());
    expect(told.statesOf('refuse#1')).toEqual(['Running', 'AwaitingRetry', 'Retrying', 'Rejected']);
    expect(outcome).toMatchObject({ state: 'FAILED', message: 'task "refuse" failed after 2 attempts: too few rows' });
    expect(isTaskFailed(outcome.error) && outcome.error.cause).toMatchObject({ data: 3 });
  });

  test('cancelled: is CANCELLED, and its caller gets a CancelledError', async () => {
    const stop = task('stop', () => cancelled({ message: 'not today' }));
    const { outcome, told } = await runBody(() => stop().catch((error: unknown) => isCancelled(error) && error.message));
    expect(outcome.result).toBe('not today');
    expect(told.last('stop#1')?.state).toBe('CANCELLED');
  });
});

describe('a flow that returns', () => {
  test.each([
    ['completed under a name', () => completed({ name: 'Empty', data: 0 }), { state: 'COMPLETED', name: 'Empty', result: 0 }],
    ['failed under a name', () => failed({ name: 'Rejected', message: 'bad' }), { state: 'FAILED', name: 'Rejected', message: 'bad' }],
    ['cancelled', () => cancelled({ message: 'not today' }), { state: 'CANCELLED', name: 'Cancelled', message: 'not today' }],
  ])('%s ends so', async (_name, body, expected) => {
    expect((await runBody(body as () => unknown)).outcome).toMatchObject(expected);
  });

  test('a list or set of futures completes with their results when all did', async () => {
    expect((await runBody(() => [works.submit(1), works.submit(2), 'text'])).outcome.result).toEqual([1, 2, 'text']);
    expect((await runBody(() => new Set([works.submit(1)]))).outcome.result).toEqual(new Set([1]));
  });

  test('futures of which some failed fails, and says how many', async () => {
    const { outcome } = await runBody(() => [works.submit(1), fails.submit(), fails.submit()]);
    expect(outcome).toMatchObject({
      state: 'FAILED',
      message: '2 of 3 task runs that it returned failed: task "fails" failed: no luck',
    });
  });

  test('a state inside another flow gives its caller the data', async () => {
    const inner = flow('inner', () => completed({ name: 'Partial', data: 7 }));
    const { outcome, told } = await runInMemory(flow('outer', async () => (await inner()) + 1));
    expect(outcome.result).toBe(8);
    expect(told.last('inner#1')?.stateName).toBe('Partial');
  });
});

test('a state needs a name that fits', () => {
  expect(() => completed({ name: '' })).toThrow('state: name: expected 1 to 100 characters, got ""');
});
