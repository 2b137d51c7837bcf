import { describe, expect, it } from 'vitest';
import type { LimitWait } from '../../limits/index.ts';
import { limitBlockerOf } from './limit-source.ts';

const since = new Date('2026-03-01T08:00:00.000Z');
const runId = '0190a3c2-7b1e-7c3d-9f00-0a1b2c3d4e5f';
const holder = { runId, runName: 'brisk-otter', flow: 'etl', deployment: 'daily', agent: 'a1', task: 'load', since };
const wait: LimitWait = {
  name: 'db',
  slots: 2,
  decayPerSecond: null,
  taken: 2,
  requests: [{ task: 'copy', slots: 1, since }],
  ahead: { count: 0, slots: 0 },
  holderCount: 2,
  holders: [holder, { ...holder, runName: 'calm-heron', task: null }],
};

describe('a wait for a limit is told in one sentence, with who holds it', () => {
  it.each<[title: string, change: Partial<LimitWait>, message: string]>([
    ['full', {}, 'Task "copy" waits: 2 of the 2 slots of limit "db" are taken, held by brisk-otter (task "load"), calm-heron.'],
    [
      'many of the run wait, others before it',
      { requests: ['a', 'b', 'c', 'd'].map((task) => ({ task, slots: 1, since })), ahead: { count: 4, slots: 4 }, holderCount: 12 },
      'Task "a", task "b", task "c" and 1 more wait: 2 of the 2 slots of limit "db" are taken, held by brisk-otter (task "load"), calm-heron and 10 more; 4 requests stand before it.',
    ],
    [
      'its own code',
      { requests: [{ task: null, slots: 2, since }] },
      'Its own code waits: 2 of the 2 slots of limit "db" are taken, held by brisk-otter (task "load"), calm-heron.',
    ],
    ['closed', { slots: 0, taken: 0, holders: [], holderCount: 0 }, 'Task "copy" waits: limit "db" is closed, it has no slots.'],
    ['a rate', { decayPerSecond: 0.5, holders: [] }, 'Task "copy" waits: rate "db" lets 0.5 pass a second and is used up now.'],
  ])('%s', (_title, change, message) => {
    expect(limitBlockerOf({ ...wait, ...change })).toMatchObject({ kind: 'limit-full', message, since: since.toISOString() });
  });

  it('names the holders with where they run, and what frees it', () => {
    const { holders, holderCount, frees } = limitBlockerOf(wait);
    expect(holders[0]).toMatchObject({ name: 'brisk-otter', deployment: 'etl/daily', agent: 'a1' });
    expect(holderCount).toBe(2);
    expect(frees).toContain('signalbox limits update db --slots N');
  });
});
