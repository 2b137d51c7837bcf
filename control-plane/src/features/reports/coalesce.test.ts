import { describe, expect, it } from 'vitest';
import { coalesce } from './coalesce.ts';

/** A store that waits to be let go, and remembers its groups. */
function gate() {
  const groups: number[][] = [];
  const doors: PromiseWithResolvers<void>[] = [];
  const store = async (items: readonly number[]) => {
    groups.push([...items]);
    const door = Promise.withResolvers<void>();
    doors.push(door);
    await door.promise;
    return items.map((item) => item * 10);
  };
  return { groups, doors, store };
}
const LIMITS = { maxItems: 3, maxWeight: 100, maxWaiting: 5, maxWaitingWeight: 1_000, weightOf: (item: number) => item };
/** Lets everything that is ready run. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('group commit', () => {
  it('lets the first go at once and alone, and those that came meanwhile together', async () => {
    const { groups, doors, store } = gate();
    const add = coalesce(store, LIMITS);
    const results = Promise.all([1, 2, 3].map(add));
    expect(groups).toEqual([[1]]);
    doors[0]?.resolve();
    await turn();
    expect(groups).toEqual([[1], [2, 3]]);
    doors[1]?.resolve();
    expect(await results).toEqual([10, 20, 30]);
  });

  it('keeps a group within its bounds, in the order of arrival; one item may be heavier', async () => {
    const { groups, doors, store } = gate();
    const add = coalesce(store, LIMITS);
    const results = Promise.all([1, 60, 50, 500, 1].map(add));
    for (let i = 0; i < 5; i++) {
      doors[i]?.resolve();
      await turn();
    }
    expect(groups).toEqual([[1], [60], [50], [500], [1]]);
    await results;
  });

  it('fails a group without failing the next', async () => {
    let calls = 0;
    const add = coalesce(async (items: readonly number[]) => {
      await turn();
      if (++calls === 2) throw new Error('no');
      return items;
    }, LIMITS);
    const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map(add));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected', 'fulfilled']);
  });

  it('turns away what is too heavy to wait, and takes it when there is room again', async () => {
    const { doors, store } = gate();
    const add = coalesce(store, LIMITS);
    const taken = [1, 600, 300].map(add);
    await expect(add(200)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    for (let i = 0; i < 2; i++) {
      doors[i]?.resolve();
      await turn();
    }
    taken.push(add(200));
    for (let i = 2; i < 4; i++) {
      doors[i]?.resolve();
      await turn();
    }
    expect(await Promise.all(taken)).toEqual([10, 6_000, 3_000, 2_000]);
  });

  it('turns away what is too much to wait', async () => {
    const { doors, store } = gate();
    const add = coalesce(store, LIMITS);
    const taken = [1, 2, 3, 4, 5, 6].map(add);
    await expect(add(7)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfterMs: 1_000 });
    for (let i = 0; i < 3; i++) {
      doors[i]?.resolve();
      await turn();
    }
    expect(await Promise.all(taken)).toHaveLength(6);
  });
});
