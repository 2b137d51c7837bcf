import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jitterOf } from './jitter.ts';
import { decideOverlap, QUEUE_MOST } from './overlap.ts';

const outcomes = (overlap: Parameters<typeof decideOverlap>[0], due: number[], live: number, queued = 0) => {
  const { decisions, cancelsLive } = decideOverlap(overlap, due, { live, queued });
  return [decisions.map(({ outcome }) => outcome).join(' '), cancelsLive];
};

describe('fires that are due while a run has not ended', () => {
  it.each([
    ['allow', [1, 2], 3, 0, 'created created', false],
    ['skip', [1], 0, 0, 'created', false],
    ['skip', [1], 1, 0, 'skipped', false],
    ['skip', [1, 2, 3], 0, 0, 'created skipped skipped', false],
    ['queue', [1], 0, 0, 'created', false],
    ['queue', [1], 1, 0, 'queued', false],
    // One waits though nothing runs: the new one goes behind it.
    ['queue', [1], 0, 1, 'queued', false],
    ['queue', [1, 2], 0, 0, 'created queued', false],
    ['queue', [1, 2], 1, QUEUE_MOST - 1, 'queued skipped', false],
    ['cancel-older', [1], 0, 0, 'created', false],
    ['cancel-older', [1], 2, 0, 'created', true],
    ['cancel-older', [1, 2], 1, 0, 'skipped created', true],
    ['cancel-older', [], 1, 0, '', false],
  ] as const)('%s of %j with %i live and %i waiting: %s', (overlap, due, live, queued, expected, cancels) => {
    expect(outcomes(overlap, [...due], live, queued)).toEqual([expected, cancels]);
  });

  it('are each decided once, in their order', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('allow', 'skip', 'queue', 'cancel-older'),
        fc.uniqueArray(fc.nat(), { maxLength: 150 }).map((list) => list.sort((a, b) => a - b)),
        fc.nat(3),
        fc.nat(QUEUE_MOST),
        (overlap, due, live, queued) => {
          expect(decideOverlap(overlap as 'skip', due, { live, queued }).decisions.map(({ atMs }) => atMs)).toEqual(due);
        },
      ),
    );
  });
});

describe('jitter', () => {
  it('is the same for the same fire, never early, never above its bound, and spread', () => {
    const seen = new Set<number>();
    for (let n = 0; n < 1_000; n++) {
      const jitter = jitterOf('0190-s', n * 60_000, 9_999);
      expect(jitter).toBe(jitterOf('0190-s', n * 60_000, 9_999));
      expect(jitter >= 0 && jitter <= 9_999).toBe(true);
      seen.add(Math.floor(jitter / 1_000));
    }
    expect(seen.size).toBe(10);
    expect(jitterOf('0190-s', 5, 0)).toBe(0);
  });

  it('changes the order only of fires less than its bound apart', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(4e9), fc.nat(1e8), fc.nat(1e7), (id, at, apart, bound) => {
        const [first, second] = [at + jitterOf(id, at, bound), at + apart + jitterOf(id, at + apart, bound)];
        if (apart >= bound) expect(second).toBeGreaterThanOrEqual(first);
      }),
    );
  });
});
