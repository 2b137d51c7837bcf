import { expect, test } from 'vitest';
import { monotonicMs, pauseUntil } from './bell.ts';

test('a pause until an instant never ends before it, and at once on abort', async () => {
  const stop = new AbortController();
  for (const inMs of [0, 0.4, 1.7, 5.3]) {
    const atMs = monotonicMs() + inMs;
    await pauseUntil(atMs, stop.signal);
    expect(monotonicMs()).toBeGreaterThanOrEqual(atMs);
  }
  const long = pauseUntil(monotonicMs() + 3_600_000, stop.signal);
  stop.abort();
  await long;
});
