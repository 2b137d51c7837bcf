import { describe, expect, test } from 'vitest';
import { checkAutomations, effectKey, type SeenAutomations } from './check-automations.ts';

const firing = { id: 'f1', rule: 'each', kind: 'triggered', mark: '7' } as const;
const edge = (id: string, kind: 'triggered' | 'resolved') => ({ id, rule: 'waits', kind, mark: 'run_a' }) as const;
const sound: SeenAutomations = {
  expected: new Map([['each', ['7']]]),
  edges: new Set(['waits']),
  firings: [firing, edge('f2', 'triggered'), edge('f3', 'resolved')],
  actionsOf: new Map([
    ['each', { triggered: ['emit-event', 'call-webhook'], resolved: [] }],
    ['waits', { triggered: [], resolved: [] }],
  ]),
  actions: [
    { id: 'a1', firing: 'f1', type: 'emit-event', status: 'done' },
    { id: 'a2', firing: 'f1', type: 'call-webhook', status: 'done' },
  ],
  effects: new Map([
    [effectKey('emit-event', 'f1'), new Set(['e1'])],
    [effectKey('call-webhook', 'f1'), new Set(['act_1'])],
  ]),
};
const nothing = { firingsWrong: 0, lostActions: 0, doubledEffects: 0, examples: [] };

test('what should have happened, once, is no violation', () => {
  expect(checkAutomations(sound)).toEqual(nothing);
});

describe('is found:', () => {
  test.each<[string, keyof typeof nothing, Partial<SeenAutomations>]>([
    ['an event that fired nothing', 'firingsWrong', { expected: new Map([['each', ['7', '8']]]) }],
    ['an event that fired twice', 'firingsWrong', { firings: [...sound.firings, firing] }],
    ['a firing for nothing', 'firingsWrong', { expected: new Map([['each', []]]) }],
    ['an edge that was never resolved', 'firingsWrong', { firings: [firing, edge('f2', 'triggered')] }],
    ['an edge that was resolved twice', 'firingsWrong', { firings: [...sound.firings, edge('f4', 'resolved')] }],
    ['an action that was not written down', 'lostActions', { actions: sound.actions.slice(1) }],
    ['an action that still waits', 'lostActions', { actions: sound.actions.map((a) => (a.id === 'a1' ? { ...a, status: 'waiting' } : a)) }],
    ['an action of which nothing came', 'lostActions', { effects: new Map([...sound.effects].slice(1)) }],
    [
      'an effect that came twice',
      'doubledEffects',
      { effects: new Map([...sound.effects, [effectKey('emit-event', 'f1'), new Set(['e1', 'e2'])]]) },
    ],
    [
      'a delivery under two ids',
      'doubledEffects',
      { effects: new Map([...sound.effects, [effectKey('call-webhook', 'f1'), new Set(['act_1', 'act_2'])]]) },
    ],
  ])('%s', (_what, kind, change) => {
    const found = checkAutomations({ ...sound, ...change });
    expect(found[kind]).toBe(1);
    expect(found.examples).toHaveLength(1);
  });
});
