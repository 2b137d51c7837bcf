import { describe, expect, it } from 'vitest';
import { filterAt, NO_RUN_FILTER, readFilter } from './run-filter.ts';

const NOW = Date.parse('2026-01-31T08:00:00.000Z');

describe('the filter of the runs page', () => {
  it('is nothing at first', () => {
    expect(filterAt(NO_RUN_FILTER, NOW)).toEqual({});
  });

  it('joins what the controls say with the words of the search box', () => {
    const filter = {
      ...NO_RUN_FILTER,
      state: ['FAILED' as const],
      tag: ['etl'],
      deployment: 'weather/daily',
      range: '24h' as const,
      q: 'tag:nightly duration:>5m brave',
    };
    expect(filterAt(filter, NOW)).toEqual({
      states: ['FAILED'],
      tags: { all: ['nightly', 'etl'] },
      deployments: ['weather/daily'],
      durationMs: { min: 300_001 },
      name: { contains: 'brave' },
      created: { after: '2026-01-30T08:00:00.000Z' },
    });
  });

  it('takes the time of the words before that of the range', () => {
    expect(filterAt({ ...NO_RUN_FILTER, range: '30d', q: 'since:1h' }, NOW)?.created).toEqual({ after: '2026-01-31T07:00:00.000Z' });
  });

  it('tells what cannot be read', () => {
    expect(readFilter({ ...NO_RUN_FILTER, q: 'stat:x' }, NOW)).toMatchObject({ ok: false, problems: [{ text: 'stat:x' }] });
    expect(filterAt({ ...NO_RUN_FILTER, q: 'stat:x' }, NOW)).toBeNull();
  });
});
