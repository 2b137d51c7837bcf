import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { runBody, runInMemory } from '../../../test/run-in-memory.ts';
import { flow } from '../../flow.ts';
import { type CacheOptions, cachePolicy } from '../../results/cache-policy.ts';
import { localStorage } from '../../results/local-storage.ts';
import { memoryStorage } from '../../results/memory-storage.ts';
import type { ResultStorage } from '../../results/storage.ts';
import { sleep } from '../../sleep.ts';
import { task } from '../../task.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'sb-cache-'));
afterEach(() => void vi.useRealTimers());
afterAll(() => rm(folder, { recursive: true, force: true }));

function counted(cache: CacheOptions, resultStorage: ResultStorage = memoryStorage(), name = 'load') {
  const calls: unknown[] = [];
  const load = task({ name, cache, resultStorage }, (id: number, how: { token?: string; page?: number } = {}) => {
    calls.push(id);
    return { id, at: new Date(id), page: how.page };
  });
  return { calls, load };
}

describe('a task with a cache', () => {
  test('is not run for inputs it was run for before, in whatever run; that is told as Cached with where it lies', async () => {
    const { calls, load } = counted({ policy: cachePolicy.inputs() });
    const first = await runBody(() => load(1));
    expect(first.told.statesOf('load#1')).toEqual(['Running', 'Completed']);
    const second = await runBody(async () => [await load(1), await load(2)]);
    expect(second.outcome.result).toEqual([1, 2].map((id) => ({ id, at: new Date(id), page: undefined })));
    expect(second.told.statesOf('load#1')).toEqual(['Cached']);
    expect(second.told.last('load#1')?.message).toMatch(/^from the cache: memory cache\/[0-9a-f]{32}, made \d{4}-/);
    expect(calls).toEqual([1, 2]);
  });

  test('keeps nothing of what failed', async () => {
    let calls = 0;
    const flaky = task({ name: 'flaky', cache: {}, resultStorage: memoryStorage() }, () => {
      if (++calls === 1) throw new Error('not yet');
      return calls;
    });
    await runBody(() => flaky().catch(() => {}));
    expect((await runBody(() => flaky())).outcome.result).toBe(2);
    expect((await runBody(() => flaky())).outcome.result).toBe(2);
  });

  test('runs again when what it kept has expired, and when it is told to refresh, which replaces it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const storage = memoryStorage();
    const { calls, load } = counted({ policy: cachePolicy.inputs(), expires: '1h' }, storage);
    await runBody(() => load(1));
    vi.setSystemTime(Date.now() + 3_599_000);
    await runBody(() => load(1));
    expect(calls).toEqual([1]);
    vi.setSystemTime(Date.now() + 1_001);
    await runBody(() => load(1));
    expect(calls).toEqual([1, 1]);
    await runBody(() => load.with({ cache: { policy: cachePolicy.inputs(), expires: '1h', refresh: true } })(1));
    expect(calls).toEqual([1, 1, 1]);
  });

  test('is run, with a warning, for inputs that cannot be told from others', async () => {
    let calls = 0;
    const each = task({ name: 'each', cache: {}, resultStorage: memoryStorage() }, (_visit: () => void) => ++calls);
    const { told } = await runBody(async () => [await each(() => {}), await each(() => {})]);
    expect(calls).toBe(2);
    expect(told.lines.map((line) => line.message)).toEqual([expect.stringContaining('it is not cached, since its key cannot be made')]);
  });

  test('that may keep nothing is refused', () => {
    expect(() => task({ name: 'x', cache: {}, persistResult: false }, () => 1)).toThrow(
      'task "x": cache: expected persistResult not to be false',
    );
    expect(() => task({ name: 'x', cache: { expires: 'soon' as never } }, () => 1)).toThrow('task "x": cache.expires');
  });
});

describe('a policy', () => {
  const calledTwice = async (
    cache: CacheOptions,
    one: [number, { token?: string; page?: number }],
    two: [number, { token?: string; page?: number }],
  ) => {
    const { calls, load } = counted(cache);
    await runBody(async () => [await load(...one), await load(...two)]);
    return calls.length;
  };

  test.each([
    ['inputs, without what is excluded', { policy: cachePolicy.inputs({ exclude: ['token'] }) }, { token: 'a' }, { token: 'b' }, 1],
    ['inputs, with what is not', { policy: cachePolicy.inputs({ exclude: ['token'] }) }, { page: 1 }, { page: 2 }, 2],
    ['inputs, without whole arguments', { policy: cachePolicy.inputs({ exclude: [1] }) }, { page: 1 }, { page: 2 }, 1],
    ['a key of your own', { policy: cachePolicy.custom(({ args }) => `id ${args[0]}`) }, { page: 1 }, { page: 2 }, 1],
    ['none', { policy: cachePolicy.none() }, {}, {}, 2],
    ['a key that is null', { policy: cachePolicy.custom(() => null) }, {}, {}, 2],
    ['none and inputs', { policy: cachePolicy.inputs().and(cachePolicy.none()) }, {}, {}, 2],
  ] as const)('of %s', async (_name, cache, one, two, calls) => {
    expect(await calledTwice(cache, [1, one], [1, two])).toBe(calls);
  });

  test('of the run counts within it alone, of its parameters for runs with the same', async () => {
    const byRun = counted({ policy: cachePolicy.inputs().and(cachePolicy.runId()) });
    for (const _ of [1, 2]) await runBody(async () => [await byRun.load(1), await byRun.load(1)]);
    expect(byRun.calls).toEqual([1, 1]);
    const byParameters = counted({ policy: cachePolicy.flowParameters() });
    const daily = flow('daily', () => byParameters.load(1));
    for (const day of [1, 1, 2]) await runInMemory(daily, { day });
    expect(byParameters.calls).toHaveLength(2);
  });

  test('of the source makes results anew when the code changed; without it they stay', async () => {
    const storage = memoryStorage();
    const versions = (cache: CacheOptions) => [
      task({ name: 'priced', cache, resultStorage: storage }, () => 'old'),
      task({ name: 'priced', cache, resultStorage: storage }, () => 'new'),
    ];
    const results = async (cache: CacheOptions) =>
      (await runBody(() => Promise.all(versions(cache).map((version) => version())))).outcome.result;
    expect(await results({})).toEqual(['old', 'new']);
    const [old, changed] = versions({ policy: cachePolicy.inputs() });
    expect((await runBody(async () => [await old?.(), await changed?.()])).outcome.result).toEqual(['old', 'old']);
  });

  test('tells tasks apart, save where the key is your own', async () => {
    const storage = memoryStorage();
    const apart = [counted({ policy: cachePolicy.inputs() }, storage, 'a'), counted({ policy: cachePolicy.inputs() }, storage, 'b')];
    await runBody(async () => [await apart[0]?.load(1), await apart[1]?.load(1)]);
    expect(apart.map(({ calls }) => calls.length)).toEqual([1, 1]);
    const policy = cachePolicy.custom(() => 'ours');
    const shared = [counted({ policy }, storage, 'a'), counted({ policy }, storage, 'b')];
    await runBody(async () => [await shared[0]?.load(1), await shared[1]?.load(1)]);
    expect(shared.map(({ calls }) => calls.length)).toEqual([1, 0]);
  });
});

describe('isolation', () => {
  const slow = (isolation: NonNullable<CacheOptions['isolation']>, resultStorage: ResultStorage) => {
    let calls = 0;
    const load = task({ name: 'slow', cache: { isolation }, resultStorage }, async () => {
      calls++;
      await sleep(30);
      return calls;
    });
    return { load, calls: () => calls };
  };

  test('serializable: of calls at the same time one runs, also in other runs', async () => {
    const storage = localStorage(path.join(folder, 'serializable'));
    const { load, calls } = slow('serializable', storage);
    const runs = await Promise.all([1, 2, 3].map(() => runBody(() => Promise.all([load.submit(), load.submit()]))));
    expect(runs.map(({ outcome }) => outcome.result)).toEqual([1, 2, 3].map(() => [1, 1]));
    expect(calls()).toBe(1);
    expect(await storage.list?.('locks/')).toEqual([]);
  });

  test('read-committed: each may run', async () => {
    const { load, calls } = slow('read-committed', memoryStorage());
    await runBody(() => Promise.all([load.submit(), load.submit()]));
    expect(calls()).toBe(2);
  });

  test('serializable needs a storage that can create', async () => {
    const { create: _, ...without } = memoryStorage();
    const { outcome } = await runBody(() => slow('serializable', without).load());
    expect(outcome.message).toContain('isolation: expected a storage that can create and list for "serializable", got memory');
  });
});
