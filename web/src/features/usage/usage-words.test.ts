import { expect, test } from 'vitest';
import { amount, levelOf } from './usage-words.ts';

const bound = (used: number, most: number | null) => ({ span: 'day', most, used, resetAt: null, source: 'default', reason: null }) as const;

test('a bound is near its end from four fifths on, and over at all of it', () => {
  expect([bound(5, null), bound(7, 10), bound(8, 10), bound(10, 10), bound(11, 10)].map(levelOf)).toEqual([
    'open',
    'fine',
    'near',
    'over',
    'over',
  ]);
});

test('logs are bytes, all else is counted', () => {
  expect([amount('logBytes', 1_500), amount('runs', 1_500)]).toEqual(['1.5 KB', '1,500']);
});
