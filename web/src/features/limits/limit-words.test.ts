import { describe, expect, it } from 'vitest';
import { limitScope, limitState, takenSlots } from './limit-words.ts';

const limit = { name: 'db', active: true, slots: 2, taken: 0, decayPerSecond: null };

describe('a limit in words', () => {
  it.each([
    [{}, 'open'],
    [{ taken: 1 }, 'open'],
    [{ taken: 2 }, 'full'],
    [{ taken: 3 }, 'full'],
    [{ taken: 1.2 }, 'full'],
    [{ slots: 0 }, 'closed'],
    [{ active: false, taken: 2 }, 'off'],
  ] as const)('%j is %s', (change, state) => {
    expect(limitState({ ...limit, ...change })).toBe(state);
  });

  it('counts what is begun of a slot as taken', () => {
    expect([0, 1, 1.2, 2.000_000_000_1].map((taken) => takenSlots({ taken }))).toEqual([0, 1, 2, 2]);
  });

  it('says what it limits', () => {
    expect(limitScope(limit)).toBe('2 slots for concurrency() and rateLimit() in code');
    expect(limitScope({ ...limit, name: 'tag:warehouse', slots: 1 })).toBe('1 slot for task runs with the tag warehouse');
    expect(limitScope({ ...limit, decayPerSecond: 0.5 })).toBe('2 at once, then 0.5 a second, for concurrency() and rateLimit() in code');
  });
});
