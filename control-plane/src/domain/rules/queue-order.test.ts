import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moveQueue, placeQueue } from './queue-order.ts';

const order = ['a', 'b', 'c', 'd'];

describe('placing a queue', () => {
  it.each<[title: string, id: string, priority: number, result: string]>([
    ['to the front shifts those before it down', 'c', 1, 'cabd'],
    ['to the end shifts those after it up', 'a', 4, 'bcda'],
    ['past the end is the end', 'a', 99, 'bcda'],
    ['where it is changes nothing', 'b', 2, 'abcd'],
    ['that is new makes room', 'x', 2, 'axbcd'],
  ])('%s', (_title, id, priority, result) => {
    expect(placeQueue(order, id, priority).join('')).toBe(result);
  });

  it('keeps every queue once, and the others in their order', () => {
    const queues = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(queues, fc.nat(), fc.integer({ min: 1, max: 20 }), (ids, pick, priority) => {
        const id = ids[pick % ids.length] as string;
        const placed = placeQueue(ids, id, priority);
        expect([...placed].sort()).toEqual([...ids].sort());
        expect(placed.filter((each) => each !== id)).toEqual(ids.filter((each) => each !== id));
        expect(placed.indexOf(id)).toBe(Math.min(priority, ids.length) - 1);
      }),
    );
  });
});

describe('moving a queue', () => {
  it.each<[id: string, direction: 'up' | 'down', result: string]>([
    ['c', 'up', 'acbd'],
    ['c', 'down', 'abdc'],
    ['a', 'up', 'abcd'],
    ['d', 'down', 'abcd'],
  ])('%s %s', (id, direction, result) => {
    expect(moveQueue(order, id, direction).join('')).toBe(result);
  });
});
