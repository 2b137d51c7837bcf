import { expect, test } from 'vitest';
import { monotonicMs } from './bell.ts';
import { ServerClock } from './server-clock.ts';

const HOUR_MS = 3_600_000;

test('what was measured before a restart holds until it is measured again', () => {
  const clock = new ServerClock(-7 * HOUR_MS);
  expect(clock.correct('2026-01-01T09:00:00.000Z')).toBe('2026-01-01T02:00:00.000Z');
  clock.observe(new Date(Date.now() + 3 * HOUR_MS).toISOString(), monotonicMs());
  expect(Math.abs(clock.now().getTime() - Date.now() - 3 * HOUR_MS)).toBeLessThan(1_000);
  clock.observe(new Date().toISOString(), monotonicMs());
  expect(clock.offsetMs).toBe(0);
});
