import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collide, gateOf } from './concurrency.ts';

const said = { limit: 1, key: null, strategy: 'ENQUEUE', gracePeriodMs: null } as const;

describe('the gate of a deployment', () => {
  it.each([
    ['nothing', { concurrencyLimit: null, concurrency: null }, { concurrencyLimit: null, keyLimit: null }],
    ['a limit alone', { concurrencyLimit: 3, concurrency: null }, { concurrencyLimit: 3, keyLimit: null }],
    [
      'a limit with a strategy',
      { concurrencyLimit: null, concurrency: { ...said, strategy: 'CANCEL_NEW' } },
      { concurrencyLimit: 1, collision: 'CANCEL_NEW' },
    ],
    ['a limit that a person lifted', { concurrencyLimit: null, concurrency: said, isLifted: true }, { concurrencyLimit: null }],
    ['a limit that a person changed', { concurrencyLimit: 5, concurrency: said }, { concurrencyLimit: 5 }],
    [
      'a limit by key beside one of all',
      { concurrencyLimit: 9, concurrency: { ...said, key: '{{ parameters.c }}' } },
      { concurrencyLimit: 9, keyLimit: 1, keyParts: [['c']] },
    ],
  ] as const)('from %s', (_title, input, gate) => {
    expect(gateOf(input)).toMatchObject(gate);
  });
});

describe('a collision', () => {
  const holding = (...ids: string[]) => ids.map((id) => ({ runId: id.replace('!', ''), isEnding: id.endsWith('!') }));

  it.each([
    ['waits', 'ENQUEUE', 1, ['a'], ['x', 'y'], [], []],
    ['cancels the new one', 'CANCEL_NEW', 1, ['a'], ['x', 'y'], ['x', 'y'], []],
    ['lets those in for whom there is room', 'CANCEL_NEW', 2, ['a'], ['x', 'y'], ['y'], []],
    ['cancels the one that holds longest', 'CANCEL_OLD', 2, ['a', 'b'], ['x'], [], ['a']],
    ['waits for one that is being cancelled already', 'CANCEL_OLD', 2, ['a!', 'b'], ['x'], [], []],
    ['cancels no second one for two that leave already', 'CANCEL_OLD', 3, ['a!', 'b!', 'c'], ['x', 'y'], [], []],
    ['cancels one more for whom no one leaves yet', 'CANCEL_OLD', 2, ['a!', 'b'], ['x', 'y'], [], ['b']],
    ['waits for one that leaves, though the limit was lowered below those that stay', 'CANCEL_OLD', 2, ['a!', 'b', 'c'], ['x'], [], []],
    ['lets the newest have the slots', 'CANCEL_OLD', 1, ['a'], ['x', 'y', 'z'], ['x', 'y'], ['a']],
    ['cancels nobody while there is room', 'CANCEL_OLD', 3, ['a'], ['x', 'y'], [], []],
  ] as const)('%s', (_title, strategy, limit, holders, waiters, waiting, held) => {
    expect(collide(strategy, limit, holding(...holders), waiters)).toEqual({ waiting, holding: held });
  });

  it('leaves as many as the limit lets run, and no holder goes for nobody', () => {
    const ids = (prefix: string) => fc.nat(8).map((n) => Array.from({ length: n }, (_, i) => `${prefix}${i}`));
    fc.assert(
      fc.property(
        fc.constantFrom('CANCEL_NEW', 'CANCEL_OLD'),
        fc.integer({ min: 1, max: 5 }),
        ids('h'),
        ids('w'),
        (strategy, limit, holders, waiters) => {
          const result = collide(strategy, limit, holding(...holders), waiters);
          const stay = holders.length - result.holding.length + waiters.length - result.waiting.length;
          const all = holders.length + waiters.length;
          // Lowered limits stop nothing that runs: holders beyond the limit leave only for those who wait.
          expect(stay).toBeLessThanOrEqual(Math.max(limit, holders.length));
          if (all >= limit) expect(stay).toBeGreaterThanOrEqual(Math.min(limit, all));
          expect(result.holding.length).toBeLessThanOrEqual(waiters.length - result.waiting.length);
        },
      ),
    );
  });
});
