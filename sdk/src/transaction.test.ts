import { describe, expect, test } from 'vitest';
import { runBody, runInMemory } from '../test/run-in-memory.ts';
import { isTransactionError } from './errors.ts';
import { flow } from './flow.ts';
import { memoryStorage } from './results/memory-storage.ts';
import { task } from './task.ts';
import { type Transaction, transaction } from './transaction.ts';

function journal() {
  const said: string[] = [];
  const step = (name: string) =>
    task(
      {
        name,
        onCommit: (_txn, result) => said.push(`commit ${result}`),
        onRollback: (txn: Transaction, result) => said.push(`undo ${result} ${txn.get('why') ?? ''}`.trim()),
      },
      () => {
        said.push(`do ${name}`);
        return name;
      },
    );
  return { said, a: step('a'), b: step('b'), c: step('c') };
}

const no = () => {
  throw new Error('no');
};

describe('a transaction', () => {
  test('that ends well is committed: hooks of its task runs in order, then its own', async () => {
    const { said, a, b } = journal();
    const { outcome } = await runBody(() =>
      transaction(async (txn) => {
        txn.onCommit(() => said.push('commit all'));
        return [await a(), await b(), txn.state];
      }),
    );
    expect(outcome.result).toEqual(['a', 'b', 'active']);
    expect(said).toEqual(['do a', 'do b', 'commit a', 'commit b', 'commit all']);
  });

  test('that fails undoes what completed in it, the latest first, tells it as RolledBack, and throws', async () => {
    const { said, a, b } = journal();
    const { outcome, told } = await runBody(() =>
      transaction(async (txn) => {
        txn.set('why', 'because');
        txn.onRollback(() => said.push('undo all'));
        await a();
        await b();
        no();
      }),
    );
    expect(outcome).toMatchObject({ state: 'FAILED', message: 'no' });
    expect(said).toEqual(['do a', 'do b', 'undo all', 'undo b because', 'undo a because']);
    expect(told.statesOf('a#1')).toEqual(['Running', 'Completed', 'RolledBack']);
    expect(told.last('a#1')).toMatchObject({ state: 'COMPLETED', seq: 3 });
  });

  test('goes on undoing when one hook fails, and says so', async () => {
    const { said, a } = journal();
    const broken = task({ name: 'broken', onRollback: no }, () => 1);
    const { outcome, told } = await runBody(() =>
      transaction(async () => {
        await a();
        await broken();
        no();
      }),
    );
    expect([outcome.message, said]).toEqual(['no', ['do a', 'undo a']]);
    expect(told.lines.map((line) => line.message)).toEqual(['the transaction: a hook failed while it was rolled back: no']);
  });

  test('whose commit fails is rolled back, and throws TransactionError', async () => {
    const { said, a } = journal();
    const { outcome } = await runBody(() =>
      transaction(async (txn) => {
        await a();
        txn.onCommit(no);
      }),
    );
    expect(isTransactionError(outcome.error) && outcome.message).toBe('the transaction could not be committed, and was rolled back: no');
    expect(said).toEqual(['do a', 'commit a', 'undo a']);
  });

  test('with commit off is undone at its end, and gives its result all the same', async () => {
    const { said, a } = journal();
    expect((await runBody(() => transaction({ commit: 'off' }, () => a()))).outcome.result).toBe('a');
    expect(said).toEqual(['do a', 'undo a']);
  });

  test('around a nested one decides for it, unless that commits eagerly', async () => {
    const { said, a, b, c } = journal();
    await runBody(() =>
      transaction(async () => {
        await a();
        await transaction(() => b());
        await transaction({ commit: 'eager' }, () => c());
        no();
      }).catch(() => {}),
    );
    expect(said).toEqual(['do a', 'do b', 'do c', 'commit c', 'undo b', 'undo a']);
  });

  test('gives hooks and nested ones copies of its values', async () => {
    const { outcome } = await runBody(() =>
      transaction(async (outer) => {
        const list = [1];
        outer.set('list', list);
        list.push(2);
        return transaction(async (inner) => {
          (inner.get<number[]>('list') ?? []).push(3);
          return [inner.get('list'), inner.get('none')];
        });
      }),
    );
    expect(outcome.result).toEqual([[1], undefined]);
  });

  test('shares its end with task runs that are still under way then', async () => {
    const { said, a } = journal();
    await runBody(() =>
      transaction(async () => {
        a.submit();
        no();
      }).catch(() => {}),
    );
    expect(said).toEqual(['do a', 'undo a']);
  });

  test('a task outside of one is committed when it completed, and never undone', async () => {
    const { said, a } = journal();
    await runBody(async () => {
      await a();
      no();
    });
    expect(said).toEqual(['do a', 'commit a']);
  });

  test('outside of a run works too', async () => {
    const { said, a } = journal();
    await expect(transaction(() => a().then(no))).rejects.toThrow('no');
    expect(said).toEqual(['do a', 'undo a']);
  });
});

describe('a key', () => {
  test('is committed once: then its result is given again, in whatever run', async () => {
    const storage = memoryStorage();
    const { said, a } = journal();
    const once = () => transaction({ key: 'import 2026-11-23', storage }, async () => ({ at: new Date(0), made: await a() }));
    const first = await runBody(once);
    const second = await runBody(once);
    expect(second.outcome.result).toEqual(first.outcome.result);
    expect(said).toEqual(['do a', 'commit a']);
    expect(second.told.lines[0]?.message).toMatch(/^transaction "import 2026-11-23" was committed \d{4}-.*: its result is given again$/);
  });

  test('is not committed by what failed, and is replaced where that is asked for', async () => {
    const storage = memoryStorage();
    const keyed = (body: () => unknown, overwrite = false) => transaction({ key: 'k', storage, overwrite }, body);
    await expect(keyed(no)).rejects.toThrow('no');
    expect(await keyed(() => 1)).toBe(1);
    expect(await keyed(() => 2)).toBe(1);
    expect(await keyed(() => 3, true)).toBe(3);
    expect(await keyed(() => 4)).toBe(3);
  });

  test('of a nested one is committed with the outermost', async () => {
    const storage = memoryStorage();
    const nested = () => transaction({ key: 'inner', storage }, () => 1);
    await expect(transaction(() => nested().then(no))).rejects.toThrow('no');
    expect(await storage.list?.('transactions/')).toEqual([]);
    await transaction(nested);
    expect(await storage.list?.('transactions/')).toHaveLength(1);
  });

  test('whose result cannot be kept is rolled back', async () => {
    const { said, a } = journal();
    const { outcome } = await runBody(() => transaction({ key: 'k', storage: memoryStorage() }, () => a().then(() => ({ f: () => 1 }))));
    expect(outcome.message).toContain('could not be committed, and was rolled back: .f is a function (f)');
    expect(said).toEqual(['do a', 'commit a', 'undo a']);
  });

  test('whose record is damaged is neither believed nor done again', async () => {
    const storage = memoryStorage();
    await transaction({ key: 'k', storage }, () => 1);
    const [place = ''] = (await storage.list?.('transactions/')) ?? [];
    await storage.put(place, Buffer.from('{}'));
    await expect(transaction({ key: 'k', storage }, () => 2)).rejects.toThrow(/transaction "k": what was committed .* cannot be read/);
  });

  test('that is serializable is done by one at a time', async () => {
    const storage = memoryStorage();
    let calls = 0;
    const once = () => transaction({ key: 'k', storage, isolation: 'serializable' }, async () => ++calls);
    expect(await Promise.all([once(), once(), once()])).toEqual([1, 1, 1]);
  });

  test.each([
    [{ key: '' }, 'transaction: key: expected 1 to 1000 characters, got ""'],
    [{ isolation: 'serializable' }, 'transaction: isolation: expected a key'],
    [{ commit: 'later' }, 'transaction: commit: expected lazy, eager or off, got later'],
  ])('%j is refused', async (options, message) => {
    await expect(transaction(options as never, () => 1)).rejects.toThrow(message);
  });
});

describe('with kept results', () => {
  test.each([
    ['one log an epoch', () => memoryStorage()],
    ['one object a step', () => ({ ...memoryStorage(), openLog: undefined })],
  ])('what was undone runs again in the next attempt, what was not does not: %s', async (_name, open) => {
    const { said, a, b } = journal();
    const body = flow({ name: 'retried', retries: 1, resultStorage: open() }, async (_parameters, { run }) => {
      await a();
      await transaction(async () => {
        await b();
        if (run.attempt === 1) no();
      });
    });
    expect((await runInMemory(body)).outcome.state).toBe('COMPLETED');
    expect(said).toEqual(['do a', 'commit a', 'do b', 'undo b', 'do b', 'commit b']);
  });

  test('what an earlier attempt finished is undone with the transaction of this one', async () => {
    const undone: number[] = [];
    const storage = memoryStorage();
    const step = task({ name: 'step', onRollback: (_txn, n: number) => undone.push(n) }, (n: number) => n);
    const body = flow({ name: 'retried', retries: 1, resultStorage: storage }, async (_parameters, { run }) => {
      if (run.attempt === 1) {
        // Its process dies here: nobody rolls back.
        await step(1);
        no();
      }
      await transaction(async () => {
        await step(1);
        no();
      });
    });
    const { told } = await runInMemory(body);
    expect(undone).toEqual([1]);
    expect(told.statesOf('step#1')).toEqual(['Running', 'Completed', 'Cached', 'RolledBack']);
  });

  test('is undone also when the storage cannot be told, and that is said', async () => {
    const { said, a } = journal();
    const resultStorage = { ...memoryStorage(), openLog: undefined, delete: () => Promise.reject(new Error('the bucket is gone')) };
    const body = flow({ name: 'kept', resultStorage }, () => transaction(() => a().then(no)));
    const { told } = await runInMemory(body);
    expect(said).toEqual(['do a', 'undo a']);
    expect(told.lines.map((line) => line.message)).toEqual(['the transaction: a hook failed while it was rolled back: the bucket is gone']);
  });

  test('a result is cached when its transaction is committed, and not when it is undone', async () => {
    const resultStorage = memoryStorage();
    let calls = 0;
    const load = task({ name: 'load', cache: {}, resultStorage }, () => ++calls);
    await runBody(() => transaction(() => load().then(no)).catch(() => {}));
    expect(await resultStorage.list?.('cache/')).toEqual([]);
    await runBody(() => transaction(() => load()));
    expect((await runBody(() => load())).outcome.result).toBe(2);
  });
});
