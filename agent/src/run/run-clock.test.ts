import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bootMs, RunClock, timeLeftMs } from './run-clock.ts';

const start = { timeoutMs: 10_000, startedBootMs: 100_000, paused: { totalMs: 0, isPaused: false } };

describe('what is left of a timeout', () => {
  test.each([
    ['counts from the start of user code', start, 104_000, 6_000],
    ['is none when there is no timeout', { ...start, timeoutMs: null }, 104_000, null],
    ['does not count pauses that are over', { ...start, paused: { totalMs: 3_000, isPaused: false } }, 104_000, 9_000],
    ['stands still in a pause, however long', { ...start, paused: { totalMs: 3_000, isPaused: true } }, 900_000, null],
    ['may be over already', start, 115_000, -5_000],
  ])('%s', (_title, given, now, expected) => expect(timeLeftMs(given, now)).toBe(expected));
});

describe('the clock', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] }));
  afterEach(() => void vi.useRealTimers());

  test('rings after the time that the flow ran, pauses left out', async () => {
    const rung = vi.fn();
    const clock = new RunClock(rung);
    clock.start({ ...start, startedBootMs: bootMs() });
    await vi.advanceTimersByTimeAsync(4_000);
    clock.paused({ totalMs: 0, isPaused: true });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(rung).not.toHaveBeenCalled();
    clock.paused({ totalMs: 60_000, isPaused: false });
    await vi.advanceTimersByTimeAsync(5_900);
    expect(rung).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(rung).toHaveBeenCalledOnce();
  });

  test('says whether it learnt something, and nothing of a run that is over', () => {
    const clock = new RunClock(() => {});
    clock.start({ ...start, startedBootMs: bootMs() });
    expect(clock.paused({ totalMs: 0, isPaused: true })).toBe(true);
    expect(clock.paused({ totalMs: 0, isPaused: true })).toBe(false);
    clock.stop();
    expect(clock.paused({ totalMs: 5, isPaused: false })).toBe(false);
  });
});
