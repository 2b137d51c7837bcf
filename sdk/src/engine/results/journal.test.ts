import { expect, test } from 'vitest';
import { memoryStorage } from '../../results/memory-storage.ts';
import type { ResultStorage } from '../../results/storage.ts';
import { openJournal } from './journal.ts';

const step = (n: number, print: string | null = null) => ({ scope: 'load', n, print });
const open = (storage: ResultStorage, epoch: number, fromEpoch = 0) => openJournal({ storage, runId: 'run_1', epoch, fromEpoch });
const textOf = async (found: Awaited<ReturnType<Awaited<ReturnType<typeof open>>['find']>>) =>
  found && Buffer.from((await found.body()) ?? 'not whole').toString();

test('a line that a crash cut short is not given, and what is written after it is whole', async () => {
  const storage = memoryStorage();
  const first = await open(storage, 1);
  await first.keep(step(1), 'json', Buffer.from('"one"'));
  await first.keep(step(2), 'json', Buffer.from('"two"'));
  const bytes = (await storage.get('runs/run_1/1.log')) as Uint8Array;
  await storage.put('runs/run_1/1.log', bytes.subarray(0, bytes.length - 4));
  const resumed = await open(storage, 1);
  await resumed.keep(step(3), 'json', Buffer.from('"three"'));
  const second = await open(storage, 2);
  expect(await textOf(await second.find(step(1)))).toBe('"one"');
  expect(await textOf(await second.find(step(2)))).toBe('not whole');
  expect(await textOf(await second.find(step(3)))).toBe('"three"');
});

test('a changed byte is found by the checksum', async () => {
  const storage = memoryStorage();
  await (await open(storage, 1)).keep(step(1), 'json', Buffer.from('"one"'));
  const text = Buffer.from((await storage.get('runs/run_1/1.log')) as Uint8Array).toString();
  await storage.put('runs/run_1/1.log', Buffer.from(text.replace('"one"', '"two"')));
  const found = await (await open(storage, 2)).find(step(1));
  expect(await found?.body()).toBeNull();
});

test('the latest epoch counts, and those before the first one that is asked for do not', async () => {
  const storage = memoryStorage();
  for (const epoch of [1, 2, 10]) await (await open(storage, epoch)).keep(step(epoch === 10 ? 1 : epoch), 'json', Buffer.from(`${epoch}`));
  const all = await open(storage, 11);
  expect([await textOf(await all.find(step(1))), await textOf(await all.find(step(2)))]).toEqual(['10', '2']);
  const some = await open(storage, 11, 10);
  expect(await textOf(await some.find(step(2)))).toBeNull();
  const own = await open(storage, 2);
  expect(await textOf(await own.find(step(2)))).toBeNull();
});

test('bytes that are no line of text come back as they were', async () => {
  const storage = memoryStorage();
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  await (await open(storage, 1)).keep(step(1), 'mine', bytes);
  const found = await (await open(storage, 2)).find(step(1));
  expect(Uint8Array.from((await found?.body()) ?? [])).toEqual(bytes);
});

test('what comes while the disk writes goes out in one further write', async () => {
  const storage = memoryStorage();
  const written: number[] = [];
  const { promise: go, resolve } = Promise.withResolvers<void>();
  const slow: ResultStorage = {
    ...storage,
    openLog: async () => ({
      append: async (lines) => {
        written.push(Buffer.from(lines).toString().trim().split('\n').length);
        await go;
      },
      close: async () => {},
    }),
  };
  const journal = await open(slow, 1);
  const first = journal.keep(step(1), 'json', Buffer.from('1'));
  await new Promise((next) => setImmediate(next));
  const rest = [2, 3, 4].map((n) => journal.keep(step(n), 'json', Buffer.from('1')));
  resolve();
  await Promise.all([first, ...rest]);
  expect(written).toEqual([1, 3]);
});
