import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProcessorRoom } from './processor-room.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the idle share is that of a tenth of a second, and not read more often', () => {
  const times = { idle: 0, all: 0 };
  let reads = 0;
  const room = new ProcessorRoom(() => {
    reads++;
    return { ...times };
  });
  expect(room.idleShare).toBe(1);
  vi.advanceTimersByTime(100);
  Object.assign(times, { idle: 50, all: 200 });
  expect([room.idleShare, room.idleShare, reads]).toEqual([0.25, 0.25, 2]);
  vi.advanceTimersByTime(100);
  Object.assign(times, { idle: 50, all: 400 });
  expect(room.idleShare).toBe(0);
});
