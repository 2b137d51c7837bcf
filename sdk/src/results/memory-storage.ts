import type { ResultStorage } from './storage.ts';
import { checkKey } from './storage.ts';

/** Keeps results in this process; for tests, and for the attempts of a run without a server. */
export function memoryStorage(): ResultStorage {
  /** What was added to a log stays in pieces until it is read. */
  const kept = new Map<string, Uint8Array[]>();
  return {
    name: 'memory',
    get: async (key) => {
      const pieces = kept.get(checkKey(key));
      return pieces ? Buffer.concat(pieces) : null;
    },
    put: async (key, bytes) => void kept.set(checkKey(key), [bytes.slice()]),
    has: async (key) => kept.has(checkKey(key)),
    delete: async (key) => void kept.delete(checkKey(key)),
    list: async (prefix) => [...kept.keys()].filter((key) => key.startsWith(prefix)),
    openLog: async (key) => {
      const pieces = kept.get(checkKey(key)) ?? [];
      kept.set(key, pieces);
      return { append: async (lines) => void pieces.push(lines), close: async () => {} };
    },
    create: async (key, bytes) => {
      if (kept.has(checkKey(key))) return false;
      kept.set(key, [bytes.slice()]);
      return true;
    },
  };
}
