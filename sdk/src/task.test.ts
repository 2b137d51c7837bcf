import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { runBody } from '../test/run-in-memory.ts';
import { isTaskFailed, isTimeout, NonRetryableError, RetryAfterError } from './errors.ts';
import { flow } from './flow.ts';
import { runContext } from './run-context.ts';
import { sleep } from './sleep.ts';
import { task } from './task.ts';

const double = task('double', async (n: number) => n * 2);
const add = task('add', async (a: number, b: number) => a + b);
const sum = task('sum', (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0));
const fails = task('fails', (): number => {
  throw new Error('no luck');
});

describe('calling a task', () => {
  test('runs it, gives its result, and tells that it ran and completed', async () => {
    const { outcome, told } = await runBody(() => double(21));
    expect(outcome).toMatchObject({ state: 'COMPLETED', result: 42 });
    expect(told.statesOf('double#1')).toEqual(['Running', 'Completed']);
  });

  test('throws TaskFailedError with the cause when it fails', async () => {
    const { outcome } = await runBody(async () => {
      const error = await fails().catch((thrown: unknown) => thrown);
      expect(isTaskFailed(error) && [error.task, error.attempts, (error.cause as Error).message]).toEqual(['fails', 1, 'no luck']);
      return 'went on';
    });
    expect(outcome.result).toBe('went on');
  });

  test('outside any run still retries', async () => {
    let calls = 0;
    const flaky = task({ name: 'flaky', retries: 2 }, () => {
      if (++calls < 3) throw new Error('not yet');
      return calls;
    });
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(await flaky()).toBe(3);
    expect(warn).toHaveBeenCalledTimes(2);
    warn.mockRestore();
  });

  test('inside a task is recorded under it', async () => {
    const outer = task('outer', async () => (await double(1)) + (await double(2)));
    const { told } = await runBody(async () => [await outer(), await outer()]);
    expect(told.last('outer#2/double#2')).toMatchObject({ parentOrdinal: 4, name: 'double-2', stateName: 'Completed' });
  });
});

describe('retrying', () => {
  const failing = (times: number, options: Parameters<typeof task>[0], error = () => new Error('not yet')) => {
    let calls = 0;
    const made = task(options, () => {
      if (calls++ < times) throw error();
      return calls;
    });
    return () => made();
  };

  test('tells each attempt, waits between them, and keeps one idempotency key', async () => {
    const keys: string[] = [];
    const flaky = task({ name: 'flaky', retries: 2 }, () => {
      keys.push(runContext().idempotencyKey);
      if (keys.length < 3) throw new Error('not yet');
    });
    const { told } = await runBody(() => flaky());
    expect(told.statesOf('flaky#1')).toEqual(['Running', 'AwaitingRetry', 'Retrying', 'AwaitingRetry', 'Retrying', 'Completed']);
    expect(told.tasks.map((transition) => transition.seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(keys).size).toBe(1);
    expect(told.lines[0]).toMatchObject({ level: 'warn', stream: 'system', taskOrdinal: 1 });
  });

  test('ends after the last attempt, and says after how many', async () => {
    const { outcome, told } = await runBody(failing(9, { name: 'flaky', retries: 1 }));
    expect(outcome).toMatchObject({ state: 'FAILED', message: 'task "flaky" failed after 2 attempts: not yet' });
    expect(told.last('flaky#1')).toMatchObject({ stateName: 'Failed', attempt: 2 });
  });

  test('is skipped for NonRetryableError, and where retryWhen says no or throws', async () => {
    const hopeless = await runBody(failing(9, { name: 'a', retries: 5 }, () => new NonRetryableError('never')));
    expect(hopeless.told.statesOf('a#1')).toEqual(['Running', 'Failed']);
    const unwanted = await runBody(failing(9, { name: 'a', retries: 5, retryWhen: (_error, attempt) => attempt < 2 }));
    expect(unwanted.told.last('a#1')?.attempt).toBe(2);
    const broken = await runBody(failing(9, { name: 'a', retries: 5, retryWhen: () => JSON.parse('{') as boolean }));
    expect(broken.told.last('a#1')?.attempt).toBe(1);
  });

  test('waits as long as RetryAfterError says instead of the policy', async () => {
    const busy = failing(1, { name: 'a', retries: 1, retryDelay: '1h' }, () => new RetryAfterError('busy', { after: 1 }));
    const { outcome } = await runBody(busy);
    expect(outcome.state).toBe('COMPLETED');
  });
});

describe('a timeout', () => {
  test('aborts the signal, fails the attempt as TimedOut, and may be retried', async () => {
    const slow = task({ name: 'slow', timeout: 5, retries: 1 }, () => sleep('1h'));
    const { told } = await runBody(async () => {
      const error = await slow().catch((thrown: unknown) => thrown);
      expect(isTimeout(error)).toBe(true);
    });
    expect(told.statesOf('slow#1')).toEqual(['Running', 'AwaitingRetry', 'Retrying', 'TimedOut']);
    expect(told.last('slow#1')?.failure).toMatchObject({ kind: 'timed-out', message: '"slow" took longer than its timeout of 5 ms' });
  });

  test('reaches code that ignores its signal, a second later', async () => {
    const deaf = task({ name: 'deaf', timeout: 5 }, () => new Promise<void>(() => {}));
    const { told } = await runBody(() => deaf().catch(() => {}));
    expect(told.last('deaf#1')?.stateName).toBe('TimedOut');
  });
});

describe('submitting', () => {
  test('futures among the arguments are waited for and recorded as upstream', async () => {
    const { outcome, told } = await runBody(async () => {
      const one = double.submit(1);
      const two = add.submit(one, double.submit(2));
      return sum([two, 100]);
    });
    expect(outcome.result).toBe(106);
    expect(told.last('add#1')).toMatchObject({ upstream: [1, 2] });
    expect(told.last('sum#1')).toMatchObject({ upstream: [3] });
    expect(told.statesOf('add#1')).toEqual(['Pending', 'Running', 'Completed']);
  });

  test('an object that a task returned is recorded as upstream of the task that takes it', async () => {
    const make = task('make', () => [1, 2, 3]);
    const { told } = await runBody(async () => sum(await make()));
    expect(told.last('sum#1')?.upstream).toEqual([1]);
  });

  test('a task whose upstream failed is not started', async () => {
    const { outcome, told } = await runBody(() => double(fails.submit()));
    expect(told.last('double#1')).toMatchObject({ state: 'PENDING', stateName: 'NotReady', startedAt: null });
    expect(outcome).toMatchObject({ state: 'FAILED', message: expect.stringContaining('was not started, because what it needs failed') });
  });

  test('a flow ends after its task runs, and a failure that nobody looked at fails it', async () => {
    const slow = task('slow', () => sleep(5));
    const quiet = await runBody(() => void slow.submit());
    expect(quiet.told.last('slow#1')?.stateName).toBe('Completed');
    const unseen = await runBody(() => void fails.submit());
    expect(unseen.outcome).toMatchObject({ state: 'FAILED', message: 'task "fails" failed: no luck' });
    const seen = await runBody(async () => (await fails.submit().settled()).status);
    expect(seen.outcome.result).toBe('rejected');
  });

  test('a sub-flow ends after its task runs too, and a failure in it that nobody looked at is its own', async () => {
    let ended = 0;
    const slow = task('slow', async () => {
      await sleep(5);
      ended++;
    });
    const waits = flow('waits', () => void slow.submit());
    const unseen = flow('unseen', () => void fails.submit());
    const seen = flow('seen', async () => (await fails.submit().settled()).status);
    const { outcome, told } = await runBody(async () => {
      await waits();
      return [ended, await unseen().catch((error: Error) => error.message), await seen()];
    });
    // The failure was told once, to whoever called the sub-flow: the flow around it completes.
    expect(outcome).toMatchObject({
      state: 'COMPLETED',
      result: [1, 'flow "unseen" failed: task "fails" failed: no luck', 'rejected'],
    });
    expect(told.statesOf('unseen#1')).toEqual(['Running', 'Failed']);
  });

  test('what a sub-flow that failed had started is told to stop before it ends', async () => {
    const order: string[] = [];
    const long = task('long', () => sleep('1h').finally(() => order.push('stopped')));
    const breaks = flow({ name: 'breaks', retries: 1 }, async () => {
      long.submit();
      await sleep(1);
      throw new Error('no');
    });
    const { outcome, told } = await runBody(() => breaks().catch(() => order.push('failed')));
    expect(outcome.state).toBe('COMPLETED');
    expect(order).toEqual(['stopped', 'stopped', 'failed']); // once for each attempt
    expect(told.last('breaks#1/long#1')?.stateName).toBe('Cancelled');
  });

  test('outside a run is refused', () => {
    expect(() => double.submit(1)).toThrow('task "double".submit() was called outside of a run: call it in a flow or a task');
  });
});

describe('mapping', () => {
  test('keeps the order of the items, whatever order they end in, and never runs more at once than asked', async () => {
    const cases = fc.record({
      delays: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 20 }),
      concurrency: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ delays, concurrency }) => {
        let running = 0;
        let most = 0;
        const wait = task('wait', async (ms: number, offset: number) => {
          most = Math.max(most, ++running);
          await sleep(ms);
          running--;
          return ms + offset;
        });
        const { outcome, told } = await runBody(() => wait.map(delays, { args: [100], concurrency }));
        expect(outcome.result).toEqual(delays.map((ms) => ms + 100));
        expect(most).toBeLessThanOrEqual(concurrency);
        expect(new Set(told.tasks.map((transition) => transition.ordinal)).size).toBe(delays.length);
        for (const [i] of delays.entries()) expect(told.last(`wait#${i + 1}`)).toMatchObject({ ordinal: i + 1, stateName: 'Completed' });
      }),
      { numRuns: 25 },
    );
  });

  test('names runs as the task says', async () => {
    const named = task({ name: 'month', runName: (month: string) => `month ${month}` }, (month: string, _year: number) => month);
    const { told } = await runBody(() => named.map(['May', 'June'], { args: [2015] }));
    expect([told.last('month#1')?.name, told.last('month#2')?.name]).toEqual(['month May', 'month June']);
  });

  test('a concurrency below one is refused', async () => {
    const { outcome } = await runBody(() => double.map([1], { concurrency: 0 }));
    expect(outcome.message).toBe('task "double".map: concurrency: expected a whole number of at least 1, got 0');
  });
});
