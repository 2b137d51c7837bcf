import { expect, test } from 'vitest';
import { parseInstant } from './parse-instant.ts';

const now = Date.parse('2026-03-01T12:00:00.000Z');

test.each([
  ['in 5m', '2026-03-01T12:05:00.000Z'],
  ['+90s', '2026-03-01T12:01:30.000Z'],
  ['2h', '2026-03-01T14:00:00.000Z'],
  ['in 1.5 d', '2026-03-03T00:00:00.000Z'],
  ['2026-03-02T06:00:00Z', '2026-03-02T06:00:00.000Z'],
  ['2026-03-02T06:00:00+02:00', '2026-03-02T04:00:00.000Z'],
])('%s is an instant', (text, expected) => {
  expect(parseInstant('at', text, now)).toBe(expected);
});

test('a time without a zone is one of this machine', () => {
  expect(parseInstant('at', '2026-03-02 06:00', now)).toBe(new Date(2026, 2, 2, 6, 0).toISOString());
  expect(parseInstant('at', '2026-03-02', now)).toBe(new Date(2026, 2, 2).toISOString());
});

test.each([['5'], ['tomorrow'], ['2026-13-01'], ['']])('"%s" is none', (text) => {
  expect(() => parseInstant('at', text, now)).toThrow('--at is not usable');
});
