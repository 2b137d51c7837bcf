import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ResultStorage } from './storage.ts';

const bytes = (text: string) => Buffer.from(text);
const text = (found: Uint8Array | null) => (found === null ? null : Buffer.from(found).toString());

/** What every storage promises. */
export function storageContract(name: string, open: () => ResultStorage | Promise<ResultStorage>): void {
  describe(`${name} storage`, () => {
    test('gives what was put, whole and last', async () => {
      const storage = await open();
      const key = `a/${randomUUID()}/b.x`;
      expect([await storage.get(key), await storage.has(key)]).toEqual([null, false]);
      await storage.put(key, bytes('one'));
      await storage.put(key, bytes('two'));
      expect([text(await storage.get(key)), await storage.has(key)]).toEqual(['two', true]);
      await storage.put(key, new Uint8Array());
      expect((await storage.get(key))?.length).toBe(0);
    });

    test('forgets what is deleted, twice without complaint', async () => {
      const storage = await open();
      const key = `d/${randomUUID()}`;
      await storage.put(key, bytes('x'));
      await storage.delete(key);
      await storage.delete(key);
      expect(await storage.get(key)).toBeNull();
    });

    test('lists keys by what they begin with', async () => {
      const storage = await open();
      const folder = `l-${randomUUID()}`;
      for (const key of ['a/1', 'a/2.x', 'b/1']) await storage.put(`${folder}/${key}`, bytes(key));
      expect((await storage.list?.(`${folder}/a/`))?.sort()).toEqual([`${folder}/a/1`, `${folder}/a/2.x`]);
      expect(await storage.list?.(`${folder}/none/`)).toEqual([]);
    });

    test('creates once: of many at the same time one wins, and its bytes are there', async () => {
      const storage = await open();
      if (!storage.create) return;
      const key = `c/${randomUUID()}`;
      const { create } = storage;
      const won = await Promise.all(Array.from({ length: 8 }, (_, i) => create(key, bytes(`${i}`))));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(text(await storage.get(key))).toBe(`${won.indexOf(true)}`);
    });

    test('adds lines to the end of what is there', async () => {
      const storage = await open();
      if (!storage.openLog) return;
      const key = `log/${randomUUID()}`;
      for (const line of ['a\n', 'b\n']) {
        const log = await storage.openLog(key);
        await log.append(bytes(line));
        await log.close();
      }
      expect(text(await storage.get(key))).toBe('a\nb\n');
    });

    test.each(['', '/a', '../a', 'a/../b', 'a//b', 'a\\b', '.hidden', 'a/\0', 'x'.repeat(600)])('refuses the key %j', async (key) => {
      const storage = await open();
      await expect((async () => storage.get(key))()).rejects.toThrow('result key: expected');
    });
  });
}
