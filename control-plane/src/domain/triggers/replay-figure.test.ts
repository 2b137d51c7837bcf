import type { MetricTrigger } from '@signalbox/proto/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replayFigure, type Span } from './replay-figure.ts';
import { stepFigure } from './state.ts';
import type { Bucket } from './step.ts';

const trigger = (more: Partial<MetricTrigger> = {}): MetricTrigger => ({
  type: 'metric',
  metric: 'success-rate',
  about: { deployments: [], pools: [], tags: [] },
  each: null,
  operator: '<',
  threshold: 0.5,
  rangeSeconds: 60,
  forSeconds: 0,
  leastRuns: 1,
  ...more,
});
const ended = (seconds: number, value: number, key = 'a'): Span => ({
  key,
  value,
  fromMs: seconds * 1_000,
  untilMs: (seconds + 60) * 1_000,
});
const range = { fromMs: 0, toMs: 1_000_000 };

test.each<[string, Partial<MetricTrigger>, Span[], [key: string, atSeconds: number, value: number][]]>([
  ['one failure of one', {}, [ended(10, 0)], [['a', 10, 0]]],
  ['half of them is enough, until the success leaves the range', {}, [ended(10, 1), ended(20, 0)], [['a', 70, 0]]],
  [
    'a bad figure again after a good one',
    {},
    [ended(10, 0), ended(100, 1), ended(200, 0)],
    [
      ['a', 10, 0],
      ['a', 200, 0],
    ],
  ],
  ['too few runs', { leastRuns: 2 }, [ended(10, 0)], []],
  ['not for long enough', { forSeconds: 30 }, [ended(10, 0), ended(20, 1)], []],
  ['for long enough, between two runs', { forSeconds: 30 }, [ended(10, 0), ended(50, 0)], [['a', 40, 0]]],
  [
    'each key by itself',
    {},
    [ended(10, 0, 'a'), ended(5, 0, 'b')],
    [
      ['b', 5, 0],
      ['a', 10, 0],
    ],
  ],
  ['what happened before the window only counts', {}, [ended(-10, 0)], [['a', 0, 0]]],
  ['cost adds up', { metric: 'cost', operator: '>', threshold: 3 }, [ended(10, 2), ended(20, 2), ended(200, 2)], [['a', 20, 4]]],
  [
    'runs that wait at once',
    { metric: 'queue-depth', operator: '>=', threshold: 2 },
    [
      { key: 'a', value: 1, fromMs: 1_000, untilMs: 9_000 },
      { key: 'a', value: 1, fromMs: 4_000, untilMs: Number.POSITIVE_INFINITY },
    ],
    [['a', 4, 2]],
  ],
])('%s', (_, more, spans, firings) => {
  expect(replayFigure(trigger(more), spans, range).map(({ key, at, value }) => [key, at / 1_000, value])).toEqual(firings);
});

test('fires as often as who looks at every instant', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ at: fc.integer({ min: -30, max: 200 }), value: fc.constantFrom(0, 1) }), { maxLength: 12 }),
      fc.constantFrom(0, 7, 30),
      (runs, forSeconds) => {
        const spans = runs.map(({ at, value }) => ended(at, value));
        const of = trigger({ forSeconds });
        let bucket: Bucket | undefined;
        const naive: number[] = [];
        for (let now = 0; now < 300; now++) {
          const own = spans.filter(({ fromMs, untilMs }) => fromMs <= now * 1_000 && now * 1_000 < untilMs);
          const value = own.length === 0 ? null : own.reduce((sum, span) => sum + span.value, 0) / own.length;
          const step = stepFigure(of, bucket, value, now * 1_000);
          bucket = step.bucket ?? undefined;
          if (step.outcome === 'triggered') naive.push(now);
        }
        expect(replayFigure(of, spans, { fromMs: 0, toMs: 300_000 }).map(({ at }) => at / 1_000)).toEqual(naive);
      },
    ),
  );
});
