import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exponentialBackoff, retryDelayMs, retryPolicy, wantsRetry } from './retry.ts';

describe('retryDelayMs', () => {
  test('follows the list, and its last value repeats', () => {
    const policy = retryPolicy({ retries: 5, retryDelay: [10, '1s', '1m'] }, 'task');
    expect([1, 2, 3, 4, 5].map((attempt) => retryDelayMs(policy, attempt, 0.5))).toEqual([10, 1_000, 60_000, 60_000, 60_000]);
  });

  test('with jitter it stays inside its part of the delay, and in the middle it is the delay', () => {
    const cases = fc.record({
      delay: fc.integer({ min: 0, max: 86_400_000 }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      attempt: fc.integer({ min: 1, max: 101 }),
    });
    fc.assert(
      fc.property(cases, ({ delay, jitter, random, attempt }) => {
        const policy = retryPolicy({ retryDelay: delay, retryJitter: jitter }, 'task');
        const ms = retryDelayMs(policy, attempt, random);
        expect(ms).toBeGreaterThanOrEqual(Math.floor(delay * (1 - jitter)));
        expect(ms).toBeLessThanOrEqual(Math.ceil(delay * (1 + jitter)));
        expect(retryDelayMs(policy, attempt, 0.5)).toBe(delay);
      }),
    );
  });
});

test('a condition that throws means no further attempt; without one every failure is worth one', () => {
  const thrower = retryPolicy(
    {
      retryWhen: () => {
        throw new Error('in the condition');
      },
    },
    'flow',
  );
  expect(wantsRetry(thrower, new Error('boom'), 1)).toBe(false);
  expect(wantsRetry(retryPolicy({}, 'flow'), new Error('boom'), 1)).toBe(true);
});

describe('exponentialBackoff', () => {
  test('grows by its factor and ends at its maximum', () => {
    expect(exponentialBackoff()).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
    expect(exponentialBackoff({ initial: '200ms', factor: 3, max: '2s' })).toEqual([200, 600, 1_800, 2_000]);
  });

  test('strictly increases, never passes its maximum, and always makes a policy', () => {
    const cases = fc.record({
      initial: fc.integer({ min: 0, max: 1_000_000 }),
      factor: fc.double({ min: 1, max: 10, noNaN: true }),
      max: fc.integer({ min: 0, max: 86_400_000 }),
    });
    fc.assert(
      fc.property(cases, (options) => {
        const delays = exponentialBackoff(options);
        expect(delays).toEqual([...new Set(delays)].sort((a, b) => a - b));
        expect(Math.max(...delays)).toBeLessThanOrEqual(options.max);
        expect(retryPolicy({ retryDelay: delays }, 'task').delaysMs).toEqual(delays);
      }),
    );
  });
});

test.each([
  [{ retries: 101 }, 'task "a": retries: expected a whole number from 0 to 100, got 101'],
  [{ retries: 1.5 }, 'task "a": retries: expected a whole number from 0 to 100, got 1.5'],
  [{ retryJitter: 2 }, 'task "a": retryJitter: expected a number from 0 to 1, got 2'],
  [{ retryDelay: [] }, 'task "a": retryDelay: expected 1 to 50 values, got 0'],
  [
    { retryDelay: '5 minutes' as '5m' },
    'task "a": retryDelay: expected milliseconds or a text such as "500ms", "30s", "5m", "6h", "1d", from 0 to 400 days, got "5 minutes"',
  ],
])('a policy of %j is refused in words', (options, message) => {
  expect(() => retryPolicy(options, 'task "a"')).toThrow(message);
});
