import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsWith, INTENTS, runIn } from '../../../test/run-snapshots.ts';
import { decide } from '../run-machine.ts';
import { dayClosesAt, retentionMsOf } from './retention.ts';

describe('the day of a run', () => {
  it('closes when all that ended by the end of the next day has been kept', () => {
    expect(dayClosesAt(new Date('2026-11-30T05:30:00Z'), retentionMsOf('d7')).toISOString()).toBe('2026-12-08T00:00:00.000Z');
    expect(dayClosesAt(new Date('2026-11-30T23:59:59.999Z'), retentionMsOf('d7')).toISOString()).toBe('2026-12-08T00:00:00.000Z');
    expect(dayClosesAt(new Date('2026-12-01T00:00:00Z'), retentionMsOf('d1')).toISOString()).toBe('2026-12-03T00:00:00.000Z');
  });

  it('is never closed less than one retention after its last run was made', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }),
        fc.integer({ min: 1, max: 365 }),
        (at, days) => {
          const kept = dayClosesAt(at, days * 86_400_000).getTime() - at.getTime();
          return kept > days * 86_400_000 && kept <= (days + 1) * 86_400_000;
        },
      ),
    );
  });
});

describe('a retry by hand', () => {
  const closesAt = new Date('2026-12-31T00:00:00Z');

  it('is taken while the day of the run is open', () => {
    const facts = factsWith({ closesAt }, new Date('2026-12-30T23:59:59Z'));
    expect(decide(runIn('Failed'), INTENTS['retry-by-hand'], facts)).toMatchObject({ kind: 'accept' });
  });

  it('is refused from its closing on, and says what to do', () => {
    expect(decide(runIn('Failed'), INTENTS['retry-by-hand'], factsWith({ closesAt }, closesAt))).toEqual({
      kind: 'reject',
      code: 'not-now',
      reason: 'the day of this run is closing: its history is kept for 30 days and goes; start a new run of its deployment',
    });
  });
});
