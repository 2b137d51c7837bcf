import { expect, test } from 'vitest';
import { relative } from './time.ts';

const NOW = Date.parse('2026-01-31T08:00:00.000Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test.each([
  [0, 'just now'],
  [12_000, 'in 12 s'],
  [-90_000, '90 s ago'],
  // Rounded: what is due in 4 min 59 s is told as 5 min.
  [299_000, 'in 5 min'],
  [31 * MINUTE, 'in 31 min'],
  [100 * MINUTE, 'in 100 min'],
  [119 * MINUTE, 'in 2 h'],
  [13 * HOUR, 'in 13 h'],
  [-37 * HOUR, '37 h ago'],
  [72 * HOUR, 'in 3 d'],
])('%i ms from now: %s', (ms, expected) => expect(relative(new Date(NOW + ms).toISOString(), NOW)).toBe(expected));

test('nothing is a dash', () => expect(relative(null, NOW)).toBe('-'));
