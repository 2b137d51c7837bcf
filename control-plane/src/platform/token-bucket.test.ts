import { expect, it } from 'vitest';
import { tokenBuckets } from './token-bucket.ts';

it('a bucket gives its capacity at once, then says how long to wait', () => {
  const buckets = tokenBuckets({ capacity: 2, refillPerSecond: 1 });
  expect([buckets.take('a', 0), buckets.take('a', 0), buckets.take('a', 0)]).toEqual([null, null, 1_000]);
  expect(buckets.take('b', 0)).toBeNull();
});

it('a bucket that more was spent of than it had is waited for, and a look takes nothing', () => {
  const buckets = tokenBuckets({ capacity: 10, refillPerSecond: 1 });
  expect([buckets.spend('a', 0, 0), buckets.spend('a', 25, 0), buckets.spend('a', 0, 0)]).toEqual([null, 16_000, 16_000]);
  expect([buckets.spend('a', 0, 15_000), buckets.spend('a', 0, 16_000), buckets.spend('b', 0, 0)]).toEqual([1_000, null, null]);
});

it('a bucket refills by the clock and never above its capacity', () => {
  const buckets = tokenBuckets({ capacity: 1, refillPerSecond: 2 });
  expect(buckets.take('a', 0)).toBeNull();
  expect(buckets.take('a', 250)).toBe(250);
  expect(buckets.take('a', 60_000)).toBeNull();
  expect(buckets.take('a', 60_000)).toBe(500);
});
