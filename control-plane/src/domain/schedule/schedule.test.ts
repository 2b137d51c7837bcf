import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CatchUpRules, owedFires } from './catch-up.ts';
import { checkSpec, describeProblems } from './check.ts';
import { firesOf, nextFires } from './next-fires.ts';

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(text);

describe('an interval', () => {
  it('fires at anchor + n x every, whether the anchor is past or to come', () => {
    const spec = { kind: 'interval', everyMs: 5 * HOUR, anchorAt: '2026-06-01T01:00:00.000Z' } as const;
    const fires = (from: string) => nextFires(spec, new Date(from), 2).map((date) => date.toISOString());
    expect(fires('2026-06-01T01:00:00Z')).toEqual(['2026-06-01T06:00:00.000Z', '2026-06-01T11:00:00.000Z']);
    expect(fires('2026-05-31T22:00:00Z')).toEqual(['2026-06-01T01:00:00.000Z', '2026-06-01T06:00:00.000Z']);
  });

  it('counts from 1970 where no anchor is given: every hour is the full hour', () => {
    const [first] = nextFires({ kind: 'interval', everyMs: HOUR }, new Date('2026-11-23T05:03:07Z'), 1);
    expect(first?.toISOString()).toBe('2026-11-23T06:00:00.000Z');
  });

  it.each([
    ['every day at nine, over both changes', 1, '2026-03-27T08:00:00.000Z', ['03-28T08:00', '03-29T07:00', '03-30T07:00']],
    ['every fortnight', 14, '2026-10-12T07:00:00.000Z', ['10-26T08:00', '11-09T08:00', '11-23T08:00']],
    ['in the gap: right after it', 1, '2026-03-28T01:30:00.000Z', ['03-29T01:00', '03-30T00:30', '03-31T00:30']],
    ['in the overlap: the first', 1, '2026-10-24T00:30:00.000Z', ['10-25T00:30', '10-26T01:30', '10-27T01:30']],
  ])('of days follows the clock of its zone: %s', (_title, days, anchorAt, expected) => {
    const spec = { kind: 'interval', everyMs: days * 24 * HOUR, anchorAt, timezone: 'Europe/Berlin' } as const;
    expect(nextFires(spec, new Date(anchorAt), 3).map((date) => date.toISOString().slice(5, 16))).toEqual(expected);
    expect(checkSpec(spec, new Date(anchorAt))).toEqual([]);
  });

  it('of less than days has no time zone', () => {
    const problem = (everyMs: number, timezone: string) =>
      describeProblems(checkSpec({ kind: 'interval', everyMs, timezone }, new Date('2026-01-01T00:00:00Z')));
    expect(problem(6 * HOUR, 'UTC')).toBe(
      'timezone: "UTC", expected whole days beside it (1d, 7d): less than a day is elapsed time, in no zone',
    );
    expect(problem(24 * HOUR, 'Mars')).toBe('timezone: "Mars", expected an IANA time zone such as Europe/Berlin or UTC');
  });

  it('is strictly after, strictly increasing, and never leaves one out', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 400 * 24 * HOUR }),
        fc.integer({ min: 0, max: 4e12 }),
        fc.integer({ min: 0, max: 4e12 }),
        (everyMs, anchor, from) => {
          const spec = { kind: 'interval', everyMs, anchorAt: new Date(anchor).toISOString() } as const;
          const found = nextFires(spec, new Date(from), 5).map(Number);
          expect(found[0]).toBeGreaterThan(from);
          expect((found[0] as number) - from).toBeLessThanOrEqual(everyMs);
          expect(found.slice(1).every((next, i) => next - (found[i] as number) === everyMs)).toBe(true);
        },
      ),
    );
  });
});

describe('what a schedule owes', () => {
  const hourly = firesOf({ kind: 'cron', cron: '0 * * * *', timezone: 'UTC' });
  const owed = (lowWater: string, now: string, fires = hourly, more: Partial<CatchUpRules> = {}) => {
    const rules: CatchUpRules = { catchUp: 'latest', windowMs: 6 * HOUR, graceMs: 60_000, prefetchMs: 2_000, most: 1_000, ...more };
    const { dueMs, lowWaterMs, nextMs, missed } = owedFires(fires, { lowWaterMs: at(lowWater), nowMs: at(now), rules });
    const clock = (ms: number) => new Date(ms).toISOString().slice(11, 19);
    return {
      due: dueMs.map(clock),
      lowWater: clock(lowWaterMs),
      next: nextMs && clock(nextMs),
      missed: missed && [clock(missed.firstMs), clock(missed.lastMs)],
    };
  };

  it('is nothing before its time, and makes a run a little ahead', () => {
    expect(owed('2026-01-01T07:00:00Z', '2026-01-01T07:59:57Z')).toEqual({
      due: [],
      lowWater: '07:00:00',
      next: '08:00:00',
      missed: null,
    });
    expect(owed('2026-01-01T07:00:00Z', '2026-01-01T07:59:58Z')).toEqual({
      due: ['08:00:00'],
      lowWater: '08:00:00',
      next: '09:00:00',
      missed: null,
    });
  });

  it('is never owed twice: asked again at once, nothing is due', () => {
    expect(owed('2026-01-01T08:00:00Z', '2026-01-01T07:59:59Z').due).toEqual([]);
  });

  it('is the latest alone after an outage', () => {
    expect(owed('2026-01-01T01:00:00Z', '2026-01-01T09:30:00Z')).toEqual({
      due: ['09:00:00'],
      lowWater: '09:00:00',
      next: '10:00:00',
      missed: ['02:00:00', '08:00:00'],
    });
  });

  it('leaves the missed ones out where a fresh one takes their place', () => {
    expect(owed('2026-01-01T01:00:00Z', '2026-01-01T09:00:20Z')).toEqual({
      due: ['09:00:00'],
      lowWater: '09:00:00',
      next: '10:00:00',
      missed: ['02:00:00', '08:00:00'],
    });
  });

  it('of skip, is nothing that was missed, and says so once', () => {
    expect(owed('2026-01-01T01:00:00Z', '2026-01-01T09:30:00Z', hourly, { catchUp: 'skip' })).toEqual({
      due: [],
      lowWater: '09:00:00',
      next: '10:00:00',
      missed: ['02:00:00', '09:00:00'],
    });
    expect(owed('2026-01-01T09:00:00Z', '2026-01-01T09:30:00Z', hourly, { catchUp: 'skip' }).missed).toBe(null);
  });

  it('of all, is everything within the window, a bounded number at a time', () => {
    expect(owed('2026-01-01T01:00:00Z', '2026-01-01T09:30:00Z', hourly, { catchUp: 'all' })).toEqual({
      due: ['04:00:00', '05:00:00', '06:00:00', '07:00:00', '08:00:00', '09:00:00'],
      lowWater: '09:00:00',
      next: '10:00:00',
      missed: ['02:00:00', '03:00:00'],
    });
    const part = owed('2026-01-01T05:00:00Z', '2026-01-01T09:30:00Z', hourly, { catchUp: 'all', most: 2 });
    expect(part).toEqual({ due: ['06:00:00', '07:00:00'], lowWater: '07:00:00', next: '08:00:00', missed: null });
  });

  it('is everything within the grace', () => {
    const seconds = firesOf({ kind: 'interval', everyMs: 20_000 });
    expect(owed('2026-01-01T08:00:00Z', '2026-01-01T08:00:41Z', seconds).due).toEqual(['08:00:20', '08:00:40']);
  });

  it('costs the same after a second as after a year of silence', () => {
    const seconds = firesOf({ kind: 'cron', cron: '* * * * * *', timezone: 'Europe/Berlin' });
    expect(seconds.last(at('2025-01-01T00:00:00Z'), at('2026-01-01T00:00:00Z'))).toBe(at('2026-01-01T00:00:00Z'));
    expect(owed('2025-01-01T00:00:00Z', '2026-01-01T00:00:00Z', seconds).due).toHaveLength(62);
  });

  it('finds the last of a rare schedule, or none', () => {
    const yearly = firesOf({ kind: 'cron', cron: '@yearly', timezone: 'UTC' });
    expect(yearly.last(at('2020-06-01T00:00:00Z'), at('2026-06-01T00:00:00Z'))).toBe(at('2026-01-01T00:00:00Z'));
    expect(yearly.last(at('2026-01-01T00:00:00Z'), at('2026-06-01T00:00:00Z'))).toBe(null);
  });
});

describe('a bad schedule', () => {
  const from = new Date('2026-01-01T00:00:00Z');
  const problem = (cron: string, timezone = 'UTC') => describeProblems(checkSpec({ kind: 'cron', cron, timezone }, from));

  it.each([
    ['61 * * * *', 'cron: field minute: 61, expected 0-59'],
    ['0 24 * * *', 'cron: field hour: 24, expected 0-23'],
    ['0 0 0 * *', 'cron: field day of month: 0, expected 1-31'],
    ['0 0 * 13 *', 'cron: field month: 13, expected 1-12 or a name (JAN-DEC)'],
    ['0 0 * * Mo', 'cron: field day of week: "Mo", expected 0-7 or a name (SUN-SAT)'],
    ['99 0 0 * * *', 'cron: field second: 99, expected 0-59'],
    ['* * * *', 'cron: 4, expected 5 fields (minute hour day month weekday), or 6 with seconds first'],
    ['5-1 * * * *', 'cron: field minute: 5-1, expected a range from low to high, such as 1-5'],
    ['*/0 * * * *', 'cron: field minute: "0", expected a step of at least 1'],
    ['1,,2 * * * *', 'cron: field minute: "", expected 0-59'],
    ['@often', 'cron: "@often", expected one of @yearly @annually @monthly @weekly @daily @midnight @hourly'],
    ['0 0 30 2 *', 'cron: "0 0 30 2 *", expected a pattern that matches some day from now on'],
  ])('%s says: %s', (pattern, expected) => {
    expect(problem(pattern)).toBe(expected);
  });

  it('names an unknown zone', () => {
    expect(problem('0 0 * * *', 'Mars/Olympus')).toBe('timezone: "Mars/Olympus", expected an IANA time zone such as Europe/Berlin or UTC');
  });

  it.each([
    '0 9 * * MON-FRI',
    '*/5 8-18/2 1,15 JAN,jul *',
    '0 0 L * *',
    '0 0 * * FRI#2',
    '0 0 15W * *',
    '@daily',
    '0 0 ? * 5L',
    '0 0 * * SUN',
  ])('%s is none', (pattern) => {
    expect(problem(pattern)).toBe('');
  });

  it('never lets through what the parser then throws at', () => {
    const piece = fc.stringMatching(/^[0-9A-Z*?,/#L-]{1,5}$/);
    fc.assert(
      fc.property(fc.array(piece, { minLength: 4, maxLength: 6 }), (pieces) => {
        const spec = { kind: 'cron', cron: pieces.join(' '), timezone: 'UTC' } as const;
        if (checkSpec(spec, from).length === 0) expect(firesOf(spec).next(from.getTime())).toBeGreaterThan(from.getTime());
      }),
      { numRuns: 500 },
    );
  });
});
