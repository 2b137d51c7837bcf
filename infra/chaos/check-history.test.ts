import { describe, expect, test } from 'vitest';
import { checkHistory, type HistoryRun, keyOf, type Seen } from './check-history.ts';

const states = (...names: string[]) =>
  names.map((name) => ({ type: name.toUpperCase() === name ? name : name === 'Cancelling' ? 'CANCELLING' : 'OTHER', name }));
const run: HistoryRun = {
  id: 'a',
  isLive: false,
  stateType: 'COMPLETED',
  epoch: 5,
  states: states('Scheduled', 'Pending', 'Running', 'COMPLETED'),
};
const sound: Seen = {
  accepted: new Set(['a']),
  runs: [run],
  starts: [{ run: 'a', epoch: 5 }],
  ends: [{ run: 'a', epoch: 5, tasks: 2 }],
  lines: new Map([[keyOf('a', 5), 2]]),
  leakedHolders: 0,
  stored: new Map([[keyOf('a', 5), { tasks: 2, lines: 2, differentLines: 2 }]]),
  fires: [{ schedule: 's', at: 1_000 }],
  plannedFires: [
    { schedule: 's', at: 1_000, isDue: true, isRolled: true },
    { schedule: 's', at: 2_000, isDue: false, isRolled: true },
  ],
};
const nothing = { lost: 0, doubleStarts: 0, leakedHolders: 0, illegalHistories: 0, reportsLost: 0, schedulesWrong: 0, examples: [] };

test('a sound history has no violation', () => {
  expect(checkHistory(sound)).toEqual(nothing);
});

describe('is found:', () => {
  test.each<[string, keyof typeof nothing, Partial<Seen>]>([
    ['a run that is nowhere', 'lost', { runs: [] }],
    ['a run that nobody asked for and that never ended', 'lost', { runs: [run, { ...run, id: 'b', stateType: 'RUNNING' }] }],
    ['a run that never ended', 'lost', { runs: [{ ...run, stateType: 'PENDING', states: states('Scheduled', 'Pending') }] }],
    ['a second start in one epoch', 'doubleStarts', { starts: [...sound.starts, ...sound.starts] }],
    ['a move that may not be', 'illegalHistories', { runs: [{ ...run, states: states('Scheduled', 'COMPLETED', 'Running') }] }],
    ['a beginning that may not be', 'illegalHistories', { runs: [{ ...run, states: states('Running', 'COMPLETED') }] }],
    ['a task run that was not stored', 'reportsLost', { stored: new Map([[keyOf('a', 5), { tasks: 1, lines: 2, differentLines: 2 }]]) }],
    ['a log line stored twice', 'reportsLost', { stored: new Map([[keyOf('a', 5), { tasks: 2, lines: 3, differentLines: 2 }]]) }],
    ['an instant that fired twice', 'schedulesWrong', { fires: [...sound.fires, ...sound.fires] }],
    ['an instant that did not fire', 'schedulesWrong', { fires: [] }],
    ['a time in which no fire was moved', 'schedulesWrong', { fires: [], plannedFires: [] }],
    ['an instant that should not have fired', 'schedulesWrong', { fires: [...sound.fires, { schedule: 's', at: 1_500 }] }],
  ])('%s', (_what, kind, change) => {
    const found = checkHistory({ ...sound, ...change });
    expect(found[kind]).toBe(1);
    expect(found.examples).toHaveLength(1);
  });
});
