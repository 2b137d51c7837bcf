/** Limits without an agent: the same rules within one process. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { runBody } from '../test/run-in-memory.ts';
import { declaredLimits } from './engine/declared-limits.ts';
import { isLimitTimeout, isUnknownLimit } from './errors.ts';
import { concurrency, limit, rateLimit } from './limits.ts';
import { runContext } from './run-context.ts';
import { sleep } from './sleep.ts';
import { task } from './task.ts';

afterEach(() => declaredLimits.clear());

/** Counts how many bodies are inside at once. */
function gate() {
  const seen = { now: 0, most: 0, order: [] as number[] };
  return {
    seen,
    body: (i: number) => async () => {
      seen.order.push(i);
      seen.most = Math.max(seen.most, ++seen.now);
      await new Promise((resolve) => setImmediate(resolve));
      seen.now--;
      return i;
    },
  };
}
const thrown = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

describe('concurrency', () => {
  test('lets as many in at once as there are slots, in the order of asking, and gives what they give', async () => {
    limit({ name: 'db', slots: 3 });
    const { seen, body } = gate();
    const { outcome } = await runBody(() => Promise.all(Array.from({ length: 30 }, (_, i) => concurrency('db', body(i)))));
    expect(outcome.result).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(seen.most).toBe(3);
    expect(seen.order).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });

  test('of several limits takes all or none, also in other orders', async () => {
    const [a, b] = [limit({ name: 'a', slots: 1 }), limit({ name: 'b', slots: 2 })];
    const { seen, body } = gate();
    const calls = Array.from({ length: 20 }, (_, i) => concurrency(i % 2 ? [a, b] : [b, a], body(i)));
    expect(await Promise.all(calls)).toHaveLength(20);
    expect(seen.most).toBe(1);
  });

  test('gives the slot back when the body throws, and when it is disposed', async () => {
    limit({ name: 'db', slots: 1 });
    await expect(
      concurrency('db', () => {
        throw new Error('boom');
      }),
    ).rejects.toThrow('boom');
    {
      await using slots = await concurrency('db');
      expect(slots.limits).toEqual(['db']);
      expect(isLimitTimeout(await thrown(concurrency('db', { timeout: 0 })))).toBe(true);
    }
    expect(await concurrency('db', { timeout: 0 }, () => 'free')).toBe('free');
  });

  test('ends its wait with LimitTimeoutError, which names the limits, and leaves the line', async () => {
    limit({ name: 'db', slots: 1 });
    const first = await concurrency('db');
    const error = await thrown(concurrency('db', { timeout: '20ms' }));
    expect(isLimitTimeout(error) && [error.limits, error.timeoutMs, error.message]).toEqual([
      ['db'],
      20,
      'no room in limit "db" within 20 ms',
    ]);
    await first[Symbol.asyncDispose]();
    expect(await concurrency('db', { timeout: 0 }, () => 1)).toBe(1);
  });

  test('ends its wait with the run', async () => {
    limit({ name: 'db', slots: 1 });
    await using _held = await concurrency('db');
    const controller = new AbortController();
    const run = runBody(
      () => {
        setImmediate(() => controller.abort());
        return concurrency('db', () => 'never');
      },
      { signal: controller.signal },
    );
    expect((await run).outcome).toMatchObject({ state: 'CANCELLED' });
  });

  test('a slot that a run never gave back ends with the run', async () => {
    limit({ name: 'db', slots: 1 });
    await runBody(async () => void (await concurrency('db')));
    expect(await concurrency('db', { timeout: 0 }, () => 'free')).toBe('free');
  });

  test('a name that nobody made a limit of warns once and limits nobody, and is an error when strict', async () => {
    const { told } = await runBody(async () => {
      await concurrency('nowhere', () => 1);
      await concurrency('nowhere', () => 2);
      const error = await thrown(concurrency('nowhere', { strict: true }));
      expect(isUnknownLimit(error) && error.limits).toEqual(['nowhere']);
    });
    expect(told.lines.filter((line) => line.level === 'warn').map((line) => line.message)).toEqual([
      `there is no limit "nowhere", so nothing is limited by it; make it with signalbox limits create nowhere --slots 1, or in code limit({ name: 'nowhere', slots: 1 })`,
    ]);
  });

  test('refuses at once what can never be granted, and options out of range', async () => {
    limit({ name: 'db', slots: 2 });
    await expect(concurrency('db', { occupy: 3 })).rejects.toThrow('occupy: expected at most the 2 slots of limit "db", got 3');
    await expect(concurrency('db', { occupy: 0 })).rejects.toThrow('concurrency: occupy: expected a whole number from 1 to 10000, got 0');
    await expect(concurrency([])).rejects.toThrow('expected 1 to 20 limits, got 0');
    expect(() => limit({ name: ' ', slots: 1 })).toThrow('limit: name');
    expect(() => limit({ name: 'db', slots: 3 })).toThrow('declared already');
  });
});

describe('rateLimit', () => {
  test('lets as many pass as it has slots, then so many a second', async () => {
    limit({ name: 'api', slots: 2, decayPerSecond: 50 });
    const startedAt = performance.now();
    for (let i = 0; i < 7; i++) await rateLimit('api');
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThanOrEqual(95);
    await expect(rateLimit('api', { timeout: 0, occupy: 2 })).rejects.toThrow('no room in limit "api" now');
  });

  test('is refused for a limit without a decay', async () => {
    limit({ name: 'db', slots: 2 });
    await expect(rateLimit('db')).rejects.toThrow('limits with a decay per second');
  });
});

describe('a task with tags', () => {
  test('holds a slot of the limit of each tag while it runs, and waits AwaitingConcurrencySlot', async () => {
    limit({ name: 'tag:db', slots: 2 });
    const { seen, body } = gate();
    const query = task({ name: 'query', tags: ['db', 'unlimited'] }, (i: number) => body(i)());
    const { outcome, told } = await runBody(async () => await query.map(Array.from({ length: 12 }, (_, i) => i)));
    expect(outcome.state).toBe('COMPLETED');
    expect(seen.most).toBe(2);
    expect(told.statesOf('query#1')).toEqual(['Running', 'Completed']);
    expect(told.statesOf('query#12')).toEqual(['AwaitingConcurrencySlot', 'Running', 'Completed']);
    expect(told.tasks.find((one) => one.stateName === 'AwaitingConcurrencySlot')?.message).toMatch(/^waits for a slot of limit "tag:db"/);
  });

  test('of which there is no limit never waits, however many run at once', async () => {
    const query = task({ name: 'query', tags: ['nowhere'] }, (i: number) => i);
    const { told } = await runBody(
      async () =>
        void (await query.map(
          Array.from({ length: 60 }, (_, i) => i),
          { concurrency: 60 },
        )),
    );
    expect(told.tasks.filter((one) => one.stateName === 'Completed')).toHaveLength(60);
    expect(told.tasks.filter((one) => one.stateName === 'AwaitingConcurrencySlot')).toEqual([]);
    expect(told.lines.filter((line) => line.level === 'warn')).toEqual([]);
  });

  test('frees its slot while it waits to be tried again', async () => {
    limit({ name: 'tag:db', slots: 1 });
    let calls = 0;
    const flaky = task({ name: 'flaky', tags: ['db'], retries: 1, retryDelay: '50ms' }, () => {
      if (++calls === 1) throw new Error('not yet');
      return 'at last';
    });
    const quick = task({ name: 'quick', tags: ['db'] }, () => calls);
    const { outcome } = await runBody(async () => {
      const first = flaky.submit();
      await vi.waitUntil(() => calls === 1);
      return [await quick(), await first];
    });
    expect(outcome.result).toEqual([1, 'at last']);
  });

  test('does not spend its timeout in line', async () => {
    limit({ name: 'tag:db', slots: 1 });
    const slow = task({ name: 'slow', tags: ['db'], timeout: '80ms' }, () => sleep('50ms'));
    const { outcome } = await runBody(() => slow.map([1, 2, 3]));
    expect(outcome.state).toBe('COMPLETED');
  });

  test('that is cancelled in line never runs', async () => {
    limit({ name: 'tag:db', slots: 1 });
    await using _held = await concurrency('tag:db');
    const controller = new AbortController();
    const never = task({ name: 'never', tags: ['db'] }, () => 'ran');
    const { told } = await runBody(
      () => {
        const result = never.submit();
        runContext().logger.info('in line');
        setTimeout(() => controller.abort(), 10);
        return result;
      },
      { signal: controller.signal },
    );
    expect(told.statesOf('never#1')).toEqual(['AwaitingConcurrencySlot', 'Cancelled']);
  });

  test('takes at most 20 tags, each a tag', () => {
    expect(() => task({ name: 't', tags: [' db'] }, () => 1)).toThrow('task "t": tags: expected 1 to 100 characters');
    expect(() => task({ name: 't', tags: Array.from({ length: 21 }, (_, i) => `${i}`) }, () => 1)).toThrow('at most 20');
  });
});
