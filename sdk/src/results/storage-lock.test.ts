import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { localStorage } from './local-storage.ts';
import { withStorageLock } from './storage-lock.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'sb-lock-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const storage = localStorage(folder);
const { signal } = new AbortController();

test('is never held by two, whoever comes and goes, and nothing is left of it', async () => {
  let inside = 0;
  let most = 0;
  let turns = 0;
  const contend = async () => {
    for (let i = 0; i < 4; i++) {
      await withStorageLock(storage, 'locks/a', { signal }, async () => {
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
        inside--;
        turns++;
      });
    }
  };
  await Promise.all(Array.from({ length: 5 }, contend));
  expect([most, turns, await storage.list?.('locks/a')]).toEqual([1, 20, []]);
}, 30_000);

test('of a holder that was killed goes on to one of those who wait', async () => {
  await storage.create?.('locks/b.7', Buffer.from('of a process that is gone'));
  let inside = 0;
  let most = 0;
  const take = () =>
    withStorageLock(storage, 'locks/b', { signal, deadAfterMs: 100 }, async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
    });
  await Promise.all([take(), take(), take()]);
  expect([most, await storage.list?.('locks/b')]).toEqual([1, []]);
});

test('is given up when the run is stopped', async () => {
  await storage.create?.('locks/c.1', Buffer.from('held'));
  const controller = new AbortController();
  const waits = withStorageLock(
    storage,
    'locks/c',
    { signal: controller.signal, onWait: () => controller.abort(new Error('stopped')) },
    async () => 1,
  );
  await expect(waits).rejects.toThrow('stopped');
});

test('is free again after the work failed', async () => {
  const fails = withStorageLock(storage, 'locks/d', { signal }, () => Promise.reject(new Error('no')));
  await expect(fails).rejects.toThrow('no');
  expect(await withStorageLock(storage, 'locks/d', { signal }, async () => 'mine')).toBe('mine');
});
