import fc from 'fast-check';
import { expect, test } from 'vitest';
import { median, quantile } from './statistics.ts';

test('a quantile is the nearest rank', () => {
  const sample = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([quantile(sample, 0.5), quantile(sample, 0.99), quantile(sample, 1), quantile(sample, 0)]).toEqual([50, 99, 100, 1]);
});

test('the median is in the sample, and half of it is no larger', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (sample) => {
      const middle = median(sample);
      return sample.includes(middle) && sample.filter((value) => value <= middle).length * 2 >= sample.length;
    }),
  );
});

test('an empty sample has none', () => {
  expect(() => median([])).toThrow(RangeError);
});
