import { describe, expect, it } from 'vitest';
import { EVENT_RANGES, fillBars, filterAt, NO_EVENT_FILTER, spanAt } from './event-filter.ts';

const NOW = Date.parse('2026-11-30T12:00:00.000Z');

describe('a filter of events', () => {
  it('follows the clock until a stretch is chosen', () => {
    expect(filterAt({ ...NO_EVENT_FILTER, range: '1h' }, NOW)).toEqual({ from: '2026-11-30T11:00:00.000Z' });
    const chosen = { ...NO_EVENT_FILTER, from: '2026-11-30T10:00:00.000Z', to: '2026-11-30T10:10:00.000Z' };
    expect(filterAt(chosen, NOW)).toEqual({ from: chosen.from, to: chosen.to });
    expect(spanAt(chosen, NOW).barSeconds).toBe(10);
  });

  it('splits names and leaves out what is empty', () => {
    expect(filterAt({ ...NO_EVENT_FILTER, name: ' run.*, !run.Late ', about: 'run_1', text: ' ' }, NOW)).toMatchObject({
      names: ['run.*', '!run.Late'],
      about: 'run_1',
    });
  });

  it('takes a stretch that ends before it begins, or is no instant, as none', () => {
    for (const [from, to] of [
      ['2026-11-30T10:00:00Z', '2026-11-30T09:00:00Z'],
      ['yesterday', 'today'],
    ])
      expect(spanAt({ ...NO_EVENT_FILTER, from: from ?? '', to: to ?? '' }, NOW).fromMs).toBe(NOW - EVENT_RANGES['24h'].ms);
  });

  it('shows times in which nothing happened', () => {
    const bars = fillBars([{ key: '2026-11-30T11:30:00.000Z', count: 7 }], { fromMs: NOW - 3_600_000, toMs: NOW, barSeconds: 1_800 });
    expect(bars).toEqual([
      { from: '2026-11-30T11:00:00.000Z', count: 0 },
      { from: '2026-11-30T11:30:00.000Z', count: 7 },
    ]);
  });
});
