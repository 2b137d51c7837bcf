import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { runInMemory } from '../../../test/run-in-memory.ts';
import { flow } from '../../flow.ts';
import { localStorage } from '../../results/local-storage.ts';
import { memoryStorage } from '../../results/memory-storage.ts';
import { jsonSerializer } from '../../results/serializer.ts';
import type { ResultStorage } from '../../results/storage.ts';
import { task } from '../../task.ts';

let folder: string | null = null;
afterEach(async () => {
  if (folder) await rm(folder, { recursive: true, force: true });
  folder = null;
});

async function freshFolder(): Promise<string> {
  folder = await mkdtemp(path.join(tmpdir(), 'sb-journal-'));
  return folder;
}

/** A storage with nothing but what every storage must have. */
function plainStorage(): ResultStorage {
  const { get, put, has, delete: forget } = memoryStorage();
  return { name: 'plain', get, put, has, delete: forget };
}

function counted() {
  const calls: unknown[] = [];
  const load = task('load', (n: number) => {
    calls.push(n);
    return { n, at: new Date(n) };
  });
  return { calls, load };
}

const storages: [string, () => Promise<ResultStorage>][] = [
  ['a folder', async () => localStorage(await freshFolder())],
  ['memory', async () => memoryStorage()],
  ['a storage without lists and logs', async () => plainStorage()],
];

describe.each(storages)('a flow that is tried again, its results in %s', (_name, open) => {
  test('is given the results of tasks that finished, as Cached, and runs the others', async () => {
    const { calls, load } = counted();
    const body = flow({ name: 'retried', retries: 2, resultStorage: await open() }, async (_parameters, { run }) => {
      const first = await load(1);
      const rest = await load.map([2, 3]);
      if (run.attempt < 3) throw new Error('not yet');
      return [first, ...rest];
    });
    const { outcome, told } = await runInMemory(body);
    expect(outcome.result).toEqual([1, 2, 3].map((n) => ({ n, at: new Date(n) })));
    expect(calls).toEqual([1, 2, 3]);
    expect(told.statesOf('load#2')).toEqual(['Running', 'Completed', 'Cached', 'Cached']);
    expect(told.last('load#1')?.message).toBe('not run again: it finished in an earlier attempt of this run (epoch 1)');
  });

  test('runs a step again that is now called with other arguments', async () => {
    const { calls, load } = counted();
    const body = flow({ name: 'retried', retries: 1, resultStorage: await open() }, async (_parameters, { run }) => {
      const { n } = await load(run.attempt);
      if (run.attempt < 2) throw new Error('not yet');
      return n;
    });
    expect((await runInMemory(body)).outcome.result).toBe(2);
    expect(calls).toEqual([1, 2]);
  });

  test('keeps large results whole', async () => {
    let calls = 0;
    const big = task('big', () => {
      calls++;
      return Buffer.alloc(200_000, 3);
    });
    const body = flow({ name: 'retried', retries: 1, resultStorage: await open() }, async (_parameters, { run }) => {
      const made = await big();
      if (run.attempt < 2) throw new Error('not yet');
      return made.equals(Buffer.alloc(200_000, 3));
    });
    expect((await runInMemory(body)).outcome.result).toBe(true);
    expect(calls).toBe(1);
  });
});

describe('a flow that is tried again', () => {
  test('is given results without asking for it, and not where persistResult says no', async () => {
    const calls: string[] = [];
    const kept = task('kept', () => calls.push('kept'));
    const unkept = task({ name: 'unkept', persistResult: false }, () => calls.push('unkept'));
    const body = flow({ name: 'retried', retries: 1 }, async (_parameters, { run }) => {
      await kept();
      await unkept();
      if (run.attempt < 2) throw new Error('not yet');
    });
    await runInMemory(body);
    expect(calls).toEqual(['kept', 'unkept', 'unkept']);
  });

  test('takes a result by the arguments when concurrent calls come in another order', async () => {
    const { calls, load } = counted();
    const body = flow({ name: 'shuffled', retries: 1 }, async (_parameters, { run }) => {
      const order = run.attempt === 1 ? [1, 2, 3] : [3, 1, 2];
      const found = await Promise.all(order.map((n) => load(n)));
      if (run.attempt < 2) throw new Error('not yet');
      return found.map(({ n }) => n);
    });
    expect((await runInMemory(body)).outcome.result).toEqual([3, 1, 2]);
    expect(calls).toEqual([1, 2, 3]);
  });

  test('tells large arguments by the step that made them, and others by their number', async () => {
    const calls: number[] = [];
    const make = task('make', (n: number) => Array.from({ length: 5_000 }, () => n));
    const first = task('first', (list: readonly number[], other: readonly number[] = []) => {
      calls.push(list[0] ?? -1);
      return (list[0] ?? 0) + other.length;
    });
    const body = flow({ name: 'large', retries: 1 }, async (_parameters, { run }) => {
      const [one, two] = [await make(1), await make(2)];
      const order = run.attempt === 1 ? [one, two] : [two, one];
      const found = [];
      for (const list of order) found.push(await first(list));
      found.push(await first(one, Array(5_000).fill(0)));
      if (run.attempt < 2) throw new Error('not yet');
      return found;
    });
    expect((await runInMemory(body)).outcome.result).toEqual([2, 1, 5_001]);
    expect(calls).toEqual([1, 2, 1]);
  });

  test('gives calls that are alike each their own result', async () => {
    let drawn = 0;
    const draw = task('draw', () => ++drawn);
    const body = flow({ name: 'retried', retries: 1 }, async (_parameters, { run }) => {
      const found = [await draw(), await draw(), await draw()];
      if (run.attempt < 2) throw new Error('not yet');
      return [...found, await draw()];
    });
    expect((await runInMemory(body)).outcome.result).toEqual([1, 2, 3, 4]);
  });

  test('skips a finished sub-flow whole, and in an unfinished one what finished there', async () => {
    const calls: string[] = [];
    const say = task('say', (what: string) => calls.push(what));
    const good = flow('good', () => say('good'));
    const bad = flow({ name: 'bad', retries: 1 }, async (_parameters, { task: own, run }) => {
      await say('before');
      if (own?.attempt === 1 || run.attempt === 1) throw new Error('not yet');
      await say('after');
    });
    const body = flow({ name: 'parent', retries: 1 }, async () => {
      await good();
      await bad();
    });
    const { outcome, told } = await runInMemory(body);
    expect(outcome.state).toBe('COMPLETED');
    expect(calls).toEqual(['good', 'before', 'after']);
    expect(told.last('good#1')).toMatchObject({ kind: 'flow', stateName: 'Cached' });
    expect(told.statesOf('bad#1/say#1')).toEqual(['Running', 'Completed', 'Cached', 'Cached', 'Cached']);
  });

  test('says of a result that cannot be kept where and why, once, and runs the task again', async () => {
    let calls = 0;
    const opens = task('opens', (_n: number) => {
      calls++;
      return { socket: { write: () => {} } };
    });
    const body = flow({ name: 'retried', retries: 1 }, async (_parameters, { run }) => {
      await opens.map([1, 2, 3]);
      if (run.attempt < 2) throw new Error('not yet');
    });
    const { outcome, told } = await runInMemory(body);
    expect([outcome.state, calls]).toEqual(['COMPLETED', 6]);
    const said = told.lines.filter((line) => line.level === 'warn').map((line) => line.message);
    expect(said).toHaveLength(2);
    expect(said[0]).toContain('of its result .socket.write is a function (write), which cannot be kept without loss');
    expect(said[0]).toContain('persistResult: false');
  });

  test('goes on when the storage fails, and says so loudly where results were asked for', async () => {
    const broken: ResultStorage = { ...plainStorage(), put: () => Promise.reject(new Error('no space left on device')) };
    const one = task({ name: 'one', resultStorage: broken }, () => 1);
    const { outcome, told } = await runInMemory(flow('plain', () => one()));
    expect(outcome.result).toBe(1);
    expect(told.lines).toMatchObject([{ level: 'error', message: expect.stringContaining('no space left on device') }]);
  });

  test('runs again what was kept by a serializer that is gone', async () => {
    const storage = memoryStorage();
    let calls = 0;
    const body = flow({ name: 'retried', retries: 1 }, async (_parameters, { run }) => {
      const resultSerializer = run.attempt === 1 ? { ...jsonSerializer(), name: 'mine' } : jsonSerializer();
      await task({ name: 'one', resultStorage: storage, resultSerializer }, () => ++calls)();
      if (run.attempt < 2) throw new Error('not yet');
    });
    const { told } = await runInMemory(body);
    expect(calls).toBe(2);
    expect(told.lines.at(-1)?.message).toContain('written by the serializer "mine"');
  });
});
