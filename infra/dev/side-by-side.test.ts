import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { sideBySide } from './side-by-side.ts';

const forever = new AbortController().signal;

describe('parts side by side', () => {
  test('give what the body gives', async () => {
    expect(await sideBySide(forever, async (part) => (await part(Promise.resolve(1))) + 1)).toBe(2);
  });

  test('are aborted by the first failure, which is thrown when all have come to rest', async () => {
    const events: string[] = [];
    const slow = async (signal: AbortSignal) => {
      await once(signal, 'abort');
      await setImmediate();
      events.push('slow has ended');
      throw new Error('aborted');
    };
    const failing = sideBySide(forever, async (part, signal) => {
      const first = part(slow(signal));
      await part(Promise.reject(new Error('disk full')));
      await first;
    });
    await expect(failing).rejects.toThrow('disk full');
    expect(events).toEqual(['slow has ended']);
  });

  test('may fail before the body looks at them', async () => {
    const failing = sideBySide(forever, async (part, signal) => {
      part(Promise.reject(new Error('build failed'))).catch(() => {});
      await once(signal, 'abort');
      signal.throwIfAborted();
    });
    await expect(failing).rejects.toThrow('build failed');
  });
});
