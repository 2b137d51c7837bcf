/** The cookbook of automations: each recipe is a right definition, and fires on recorded events as its page says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { automationDefinitionSchema, type Event, isEventsTrigger } from '@signalbox/proto/api';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { replay, replayFigure, stepDeadline } from '../../control-plane/src/domain/triggers/index.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/how-to/automations-cookbook.md'), 'utf8');
const recipes = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml = '']) => automationDefinitionSchema.parse(parse(yaml)));

const START = Date.parse('2026-01-01T00:00:00Z');
type Told = readonly [name: string, second: number, resource?: Record<string, string>];
const deployment = { role: 'deployment', id: 'dep_1', name: 'daily', path: 'load/daily' };
const feedOf = (told: readonly Told[]): Event[] =>
  told.map(([name, second, resource = { id: 'run_1' }], i) => {
    const at = new Date(START + second * 1_000).toISOString();
    return {
      position: i,
      id: `${i}`,
      name,
      occurredAt: at,
      receivedAt: at,
      resource,
      related: [deployment],
      payload: {},
      follows: null,
    } as Event;
  });

/** Recorded events, and the seconds at which the recipe fires on them by the end of an hour. */
const RECORDED: Readonly<Record<string, readonly [readonly Told[], readonly number[]]>> = {
  'Retry what crashed': [
    [
      ['run.Crashed', 5],
      ['run.Failed', 6],
    ],
    [5],
  ],
  'Page of failures': [
    [
      ['run.Failed', 5],
      ['run.Completed', 6],
    ],
    [5],
  ],
  'Stop what keeps failing': [
    [
      ['run.Failed', 1],
      ['run.Failed', 200],
      ['run.Failed', 500],
      ['run.Failed', 520],
    ],
    [500],
  ],
  'Load what arrives': [
    [
      ['file.arrived', 1, { id: 's3://raw/a' }],
      ['file.arrived', 2, { id: 's3://other/a' }],
    ],
    [1],
  ],
  'Report after load': [
    [
      ['run.Failed', 1],
      ['run.Completed', 9],
    ],
    [9],
  ],
  'Cancel what hangs at the start': [
    [
      ['run.Pending', 1],
      ['run.Running', 30],
      ['run.Pending', 2, { id: 'run_2' }],
    ],
    [602],
  ],
  'Nobody serves it': [
    [
      ['work-pool.not-ready', 1, { id: 'pool_1' }],
      ['work-pool.ready', 60, { id: 'pool_1' }],
      ['work-pool.not-ready', 100, { id: 'pool_2' }],
      ['work-pool.ready', 110, { id: 'pool_1' }],
    ],
    [220],
  ],
  'Heart of the importer': [Array.from({ length: 56 }, (_, i) => ['importer.beat', i * 60] as const), []],
  'Join when both are there': [
    [
      ['prices.ready', 1],
      ['prices.ready', 2],
      ['orders.ready', 90],
    ],
    [90],
  ],
};

test('Pause a failing pool, once half of the runs of ten minutes failed for five', () => {
  const { trigger } = recipes.find(({ name }) => name === 'Pause a failing pool') ?? {};
  if (trigger?.type !== 'metric') throw new Error('expected a figure');
  const ended = (second: number, value: number) => ({
    key: 'pool_1',
    value,
    fromMs: second * 1_000,
    untilMs: (second + trigger.rangeSeconds) * 1_000,
  });
  const bad = Array.from({ length: 30 }, (_, i) => ended(60 + i * 20, i % 3 === 0 ? 1 : 0));
  const few = Array.from({ length: 9 }, (_, i) => ended(60 + i * 20, 0));
  const fired = (spans: typeof bad) => replayFigure(trigger, spans, { fromMs: 0, toMs: 3_600_000 }).map(({ at }) => at / 1_000);
  // The tenth run ends at 240 s; from then on there is a figure.
  expect(fired(bad)).toEqual([540]);
  expect(fired(few)).toEqual([]);
});

test('No run over two hours, once', () => {
  const { trigger } = recipes.find(({ name }) => name === 'No run over two hours') ?? {};
  if (trigger?.type !== 'deadline') throw new Error('expected a deadline');
  let bucket: ReturnType<typeof stepDeadline>['bucket'] = null;
  const outcomes = [7_195, 7_200, 7_205, 7_210].map((ran) => {
    const step = stepDeadline(bucket ?? undefined, ran > trigger.seconds, START + ran * 1_000);
    bucket = step.bucket;
    return step.outcome;
  });
  expect([trigger.condition, ...outcomes]).toEqual(['running-longer-than', null, null, 'triggered', null]);
});

test('there are eleven, of names of their own', () => {
  expect(new Set(recipes.map(({ name }) => name)).size).toBe(11);
  const ofEvents = recipes.filter(({ trigger }) => isEventsTrigger(trigger)).map(({ name }) => name);
  expect(ofEvents.sort()).toEqual(Object.keys(RECORDED).sort());
});

test.each(Object.entries(RECORDED))('%s', (name, [told, seconds]) => {
  const recipe = recipes.find((each) => each.name === name);
  if (!recipe || !isEventsTrigger(recipe.trigger)) throw new Error(`no recipe "${name}"`);
  const sorted = feedOf([...told].sort((a, b) => a[1] - b[1]));
  const fired = replay(recipe.trigger, sorted, { fromMs: START, toMs: START + 3_500_000 });
  expect(fired.map(({ at }) => (at - START) / 1_000)).toEqual(seconds);
});
