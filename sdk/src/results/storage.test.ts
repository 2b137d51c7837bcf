import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { localStorage } from './local-storage.ts';
import { memoryStorage } from './memory-storage.ts';
import { storageContract } from './storage.contract.ts';
import { decodeStored, encodeStored } from './stored-result.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'sb-results-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const memory = memoryStorage();
storageContract('memory', () => memory);
storageContract('local', () => localStorage(folder));
storageContract('local, synced', () => localStorage(folder, { sync: true }));

test('files of the local storage are their owner’s alone, and nothing half written is left or listed', async () => {
  const dir = path.join(folder, 'private');
  const storage = localStorage(dir);
  await storage.put('a/b', Buffer.from('x'));
  await writeFile(path.join(dir, 'a', '.tmp-left-by-a-killed-process'), 'half');
  expect(await storage.list?.('a/')).toEqual(['a/b']);
  expect((await stat(path.join(dir, 'a', 'b'))).mode & 0o777).toBe(0o600);
  expect((await stat(path.join(dir, 'a'))).mode & 0o777).toBe(0o700);
  await storage.put('a/b', Buffer.from('y'));
  expect((await readdir(path.join(dir, 'a'))).sort()).toEqual(['.tmp-left-by-a-killed-process', 'b']);
});

test('a stored result that lost or changed a byte is none', () => {
  const head = { v: 1, serializer: 'json', at: 0, expiresAt: null, step: null, print: null, epoch: null } as const;
  const whole = encodeStored(head, Buffer.from('[1,2]'));
  expect(decodeStored(whole)).toMatchObject({ head, body: Buffer.from('[1,2]') });
  expect(decodeStored(whole.subarray(0, -1))).toBeNull();
  expect(decodeStored(Buffer.from(Buffer.from(whole).toString().replace('2', '3')))).toBeNull();
  expect(decodeStored(Buffer.from('no line'))).toBeNull();
  expect(decodeStored(Buffer.from('no json\n'))).toBeNull();
});
