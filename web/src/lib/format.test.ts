import { describe, expect, it } from 'vitest';
import { formatBytes, formatClockOffset, formatDuration, formatEpoch, formatRelative, formatSpan, plural, shortDigest } from './format.ts';
import { safeNext } from './paths.ts';

describe('a duration', () => {
  it.each([
    [0, '0 ms'],
    [-5, '0 ms'],
    [380, '380 ms'],
    [1_000, '1.0 s'],
    [9_999, '9.9 s'],
    [59_999, '59 s'],
    [60_000, '1 min 00 s'],
    [65_000, '1 min 05 s'],
    [7_620_000, '2 h 07 min'],
    [86_400_000, '1 d'],
    [3 * 86_400_000 + 4 * 3_600_000, '3 d 4 h'],
  ])('%d ms reads %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('a relative instant', () => {
  const now = Date.parse('2026-03-01T12:00:00.000Z');
  it.each([
    ['2026-03-01T12:00:00.400Z', 'now'],
    ['2026-03-01T11:59:48.000Z', '12 s ago'],
    ['2026-03-01T12:04:30.000Z', 'in 4 min'],
    ['2026-03-01T13:59:30.000Z', 'in 119 min'],
    ['2026-03-01T14:00:00.000Z', 'in 2 h'],
    ['2026-02-28T12:00:00.000Z', '24 h ago'],
    ['2026-02-20T12:00:00.000Z', '9 d ago'],
    ['2025-11-01T12:00:00.000Z', '4 mo ago'],
  ])('%s reads %s', (instant, text) => {
    expect(formatRelative(instant, now)).toBe(text);
  });
});

describe('small formats', () => {
  it('name a chosen length in whole units', () => {
    expect(formatSpan(900_000)).toBe('15 min');
    expect(formatSpan(5_400_000)).toBe('1 h 30 min');
    expect(formatSpan(1_500)).toBe('1 s 500 ms');
  });

  it('say how far a clock is off', () => {
    expect(formatClockOffset(-40)).toBe('in step');
    expect(formatClockOffset(7_260_000)).toBe('+2 h 01 min');
    expect(formatClockOffset(-90_000)).toBe('−1 min 30 s');
  });

  it('show an epoch by its counter, and by its timeline after a failover', () => {
    expect(formatEpoch(4_294_967_297)).toBe('1');
    expect(formatEpoch(2 * 2 ** 32 + 7)).toBe('2.7');
  });

  it('count and measure', () => {
    expect(plural(1, 'run')).toBe('1 run');
    expect(plural(1_461, 'row')).toBe('1,461 rows');
    expect(formatBytes(999)).toBe('999 B');
    expect(formatBytes(18_400)).toBe('18.4 KB');
    expect(shortDigest('sha256:9f3ac21b77d0ffff')).toBe('9f3ac21b77d0');
  });
});

describe('the way back after signing in', () => {
  it.each([
    ['/runs?state=FAILED', '/runs?state=FAILED'],
    ['//evil.example', '/runs'],
    ['/\\evil.example', '/runs'],
    ['https://evil.example', '/runs'],
    ['/sign-in?next=/', '/runs'],
    [null, '/runs'],
    ['/a\tb', '/runs'],
  ])('%s leads to %s', (next, to) => {
    expect(safeNext(next)).toBe(to);
  });
});
