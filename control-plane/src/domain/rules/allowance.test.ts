import { describe, expect, it, test } from 'vitest';
import { type Allowance, atInstant, DAY_MS, excessOf, MINUTE_MS, spend } from './allowance.ts';
import { parseWorkspaceLimits } from './workspace-limits.ts';

const NOON = 20_000 * DAY_MS + DAY_MS / 2;
const full = (limits: Partial<Allowance>): Allowance => ({
  perMinute: null,
  perDay: null,
  level: limits.perMinute ?? 0,
  atMs: NOON,
  usedToday: 0,
  ...limits,
});

describe('an allowance', () => {
  it('without bounds gives everything', () => {
    expect(excessOf(full({}), 1e12, NOON)).toBeNull();
  });

  it('gives a minute at once, then as the clock fills it', () => {
    const spent = spend(full({ perMinute: 60 }), 60, NOON);
    expect(excessOf(spent, 1, NOON)).toEqual({ span: 'minute', most: 60, used: 60, retryAfterMs: 1_000 });
    expect(excessOf(spent, 1, NOON + 999)).not.toBeNull();
    expect(excessOf(spent, 1, NOON + 1_000)).toBeNull();
    expect(atInstant(spent, NOON + 10 * MINUTE_MS).level).toBe(60);
  });

  it('pays back what replicas together gave too much', () => {
    const owed = full({ perMinute: 60, level: -60 });
    expect(excessOf(owed, 1, NOON)?.retryAfterMs).toBe(61_000);
  });

  it('lets what is larger than a minute through with a full bucket, so that it is not refused for ever', () => {
    const bucket = full({ perMinute: 100 });
    expect(excessOf(bucket, 250, NOON)).toBeNull();
    expect(excessOf(spend(bucket, 250, NOON), 1, NOON)?.retryAfterMs).toBe(0.6 * 151 * 1_000);
  });

  it('ends a day at midnight UTC', () => {
    const spent = full({ perDay: 10, usedToday: 9 });
    expect(excessOf(spent, 1, NOON)).toBeNull();
    expect(excessOf(spent, 2, NOON)).toEqual({ span: 'day', most: 10, used: 9, retryAfterMs: DAY_MS / 2 });
    expect(excessOf(spent, 10, NOON + DAY_MS / 2)).toBeNull();
  });
});

test('limits are read from one line, and a wrong word is named', () => {
  expect(parseWorkspaceLimits(' apiCalls.minute=6000, agents.now=0,')).toEqual({ 'apiCalls.minute': 6000, 'agents.now': 0 });
  expect(() => parseWorkspaceLimits('calls=1')).toThrow('"calls" is no limit: expected one of apiCalls.minute');
  expect(() => parseWorkspaceLimits('runs.day=-1')).toThrow('runs.day: expected a whole number, 0 for unlimited, got "-1"');
});
