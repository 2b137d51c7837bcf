import { describe, expect, it } from 'vitest';
import { fitWindow, formatTick, panWindow, placeBar, windowTicks, zoomWindow } from './window.ts';

const at = (ms: number) => new Date(ms).toISOString();

describe('fitting', () => {
  it('reaches from the first start to the last end', () => {
    const window = fitWindow(
      [
        { startedAt: at(2_000), endedAt: at(3_000) },
        { startedAt: at(1_000), endedAt: at(11_000) },
      ],
      1_500,
      0,
    );
    expect(window.fromMs).toBe(1_000);
    expect(window.toMs).toBeCloseTo(11_300);
  });

  it('follows the clock while something runs', () => {
    expect(fitWindow([{ startedAt: at(0), endedAt: null }], 0, 5_000).toMs).toBeCloseTo(5_150);
  });

  it('keeps a width when nothing has happened', () => {
    const window = fitWindow([], 1_000, 9_000);
    expect(window.toMs).toBeGreaterThan(window.fromMs);
  });
});

describe('zooming', () => {
  const all = { fromMs: 0, toMs: 1_000 };

  it('keeps the point under the pointer where it is', () => {
    expect(zoomWindow(all, 2, 0.25, all)).toEqual({ fromMs: 125, toMs: 625 });
  });

  it('never leaves the run', () => {
    expect(zoomWindow({ fromMs: 900, toMs: 1_000 }, 0.1, 1, all)).toEqual(all);
    expect(panWindow({ fromMs: 100, toMs: 300 }, -5, all)).toEqual({ fromMs: 0, toMs: 200 });
  });
});

describe('a bar', () => {
  const window = { fromMs: 100, toMs: 200 };

  it('is cut to what is in sight', () => {
    expect(placeBar(50, 150, window)).toEqual({ left: 0, width: 0.5 });
    expect(placeBar(125, 900, window)).toEqual({ left: 0.25, width: 0.75 });
  });

  it('is nowhere when it lies outside', () => {
    expect(placeBar(0, 99, window)).toBeNull();
    expect(placeBar(201, 300, window)).toBeNull();
  });
});

describe('ticks', () => {
  it('stand at round offsets, and are few', () => {
    expect(windowTicks({ fromMs: 1_000, toMs: 11_000 }, 1_000, 6)).toEqual([0, 2_000, 4_000, 6_000, 8_000, 10_000]);
    expect(windowTicks({ fromMs: 0, toMs: 3_600_000 }, 0, 8)).toHaveLength(7);
  });

  it.each([
    [0, '0'],
    [250, '250 ms'],
    [1_500, '1.5 s'],
    [150_000, '2:30'],
    [3_900_000, '1:05:00'],
    [-2_000, '−2 s'],
  ])('%d reads %s', (ms, text) => {
    expect(formatTick(ms)).toBe(text);
  });
});
