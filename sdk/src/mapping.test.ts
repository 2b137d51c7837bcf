import { describe, expect, test } from 'vitest';
import { runBody } from '../test/run-in-memory.ts';
import { allowFailure, unmapped } from './annotations.ts';
import { isTaskFailed } from './errors.ts';
import { all, asCompleted } from './futures.ts';
import { sleep } from './sleep.ts';
import { tags } from './tag-scope.ts';
import { task } from './task.ts';

const pair = task('pair', (left: unknown, right: unknown) => [left, right]);
const double = task('double', (n: number) => n * 2);
const list = task('list', (n: number) => Array.from({ length: n }, (_, i) => i));
const fails = task('fails', (): number => {
  throw new Error('no luck');
});

describe('mapping', () => {
  test.each([
    ['lists of one length go item by item', [[1, 2], ['a', 'b']], [[1, 'a'], [2, 'b']]], // biome-ignore format: a table
    ['what is no list is the same for all', [[1, 2], 5], [[1, 5], [2, 5]]], // biome-ignore format: a table
    ['a text is no list', [[1, 2], 'ab'], [[1, 'ab'], [2, 'ab']]], // biome-ignore format: a table
    ['a list that is unmapped is the same for all', [[1], unmapped([7, 8])], [[1, [7, 8]]]],
    ['sets and generators are lists', [new Set([1, 2]), [3, 4].values()], [[1, 3], [2, 4]]], // biome-ignore format: a table
    ['an empty list starts nothing', [[], [1].slice(1)], []],
    ['an object with other keys is the same for all', [[1], { concurrency: 1, more: 2 }], [[1, { concurrency: 1, more: 2 }]]],
  ] as [string, [never, never], unknown][])('%s', async (_name, args, expected) => {
    expect((await runBody(() => pair.map(...args).results())).outcome.result).toEqual(expected);
  });

  test('lists of different lengths, or no list, are refused with what was given', async () => {
    const uneven = await runBody(() => pair.map([1, 2], [1, 2, 3]));
    expect(uneven.outcome.message).toBe(
      'task "pair".map: expected lists of one length, got argument 1 with 2, argument 2 with 3; wrap what is the same for all in unmapped()',
    );
    expect((await runBody(() => pair.map(1 as never, 2))).outcome.message).toContain('expected a list among its arguments');
  });

  test('takes lists of futures item by item, and futures of lists when they have ended', async () => {
    const { outcome, told } = await runBody(async () => {
      const doubled = double.map(list.submit(3));
      expect(() => doubled.length).toThrow('await ready() first');
      expect((await doubled.ready()).length).toBe(3);
      return [await double.map(doubled), await pair.map(list.submit(2), unmapped(list.submit(1)))];
    });
    expect(outcome.result).toEqual([[0, 4, 8], [[0, [0]], [1, [0]]]]); // biome-ignore format: two lists
    expect(told.last('double#4')?.upstream).toEqual([2]);
  });

  test('over a list that failed starts nothing, and says so', async () => {
    const { outcome, told } = await runBody(() => double.map(fails.submit() as never));
    expect(outcome.state).toBe('FAILED');
    expect(told.last('double#1')).toMatchObject({ stateName: 'NotReady' });
  });

  test('runs at most maxConcurrency at the same time', async () => {
    let running = 0;
    let most = 0;
    const slow = task({ name: 'slow', maxConcurrency: 2 }, async (_n: number) => {
      most = Math.max(most, ++running);
      await sleep(2);
      running--;
    });
    await runBody(() => slow.map([1, 2, 3, 4, 5]));
    expect(most).toBe(2);
  });
});

describe('allowFailure', () => {
  test('passes the error of a failed task run, and of one that was not ready, and the result of one that was', async () => {
    const look = task('look', (given: number | Error) => (given instanceof Error ? given.message : given));
    const { outcome, told } = await runBody(async () => [
      await look(allowFailure(fails.submit())),
      await look(allowFailure(double.submit(fails.submit()))),
      await look(allowFailure(double.submit(2))),
    ]);
    expect(outcome.result).toEqual([
      'task "fails" failed: no luck',
      expect.stringContaining('task "double" was not started, because what it needs failed'),
      4,
    ]);
    expect(told.last('look#1')).toMatchObject({ upstream: [1], stateName: 'Completed' });
  });
});

describe('with', () => {
  test('waits for task runs whose results it does not take, and records them as upstream', async () => {
    const order: string[] = [];
    const slow = task('slow', async () => {
      await sleep(5);
      order.push('slow');
    });
    const report = task('report', (n: number) => {
      order.push('report');
      return n;
    });
    const { outcome, told } = await runBody(() => report.with({ name: 'final', waitFor: [slow.submit()] })(3));
    expect([outcome.result, order]).toEqual([3, ['slow', 'report']]);
    expect(told.last('final#1')?.upstream).toEqual([1]);
  });

  test('does not start after what failed, save where that is allowed', async () => {
    const { told } = await runBody(async () => {
      const failed = fails.submit();
      const error = await double
        .with({ waitFor: [failed] })(1)
        .catch((thrown: unknown) => thrown);
      expect(isTaskFailed(error)).toBe(true);
      return double.with({ waitFor: [allowFailure(failed)] })(1);
    });
    expect([told.last('double#1')?.stateName, told.last('double#2')?.stateName]).toEqual(['NotReady', 'Completed']);
  });

  test('leaves the function itself at hand', () => {
    expect(double.fn(4)).toBe(8);
  });
});

describe('several futures', () => {
  test('all gives their results in order', async () => {
    expect((await runBody(() => all([double.submit(1), 'text', double.submit(2)]))).outcome.result).toEqual([2, 'text', 4]);
  });

  test('asCompleted gives them as they end, and throws when that takes too long', async () => {
    const wait = task('wait', async (ms: number) => {
      await sleep(ms);
      return ms;
    });
    const { outcome } = await runBody(async () => {
      const found: number[] = [];
      for await (const future of asCompleted(wait.map([40, 1, 20]))) found.push(await future);
      return found;
    });
    expect(outcome.result).toEqual([1, 20, 40]);
    const late = await runBody(async () => {
      for await (const _ of asCompleted([wait.submit(60_000)], { timeout: 5 }));
    });
    expect(late.outcome.message).toBe('1 task runs had not ended within 5 ms');
  });
});

test('tags() is refused outside a run, and with a bad tag', async () => {
  expect(() => tags(['a'], () => 1)).toThrow('tags() was called outside of a run');
  expect((await runBody(() => tags([''], () => 1))).outcome.state).toBe('FAILED');
});
