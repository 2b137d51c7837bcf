/** Figures and deadlines: once for each edge, whatever the pace of looking and whoever restarts between. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBeyond, type StateStep, stepDeadline, stepFigure } from './state.ts';
import type { Bucket } from './step.ts';

const trigger = { operator: '>' as const, threshold: 10, forSeconds: 60 };

/** Outcomes with the second of each, for a figure sampled every `every` seconds; the bucket goes through a text each time. */
function watch(figure: (second: number) => number | null, until: number, every = 5): [string, number][] {
  const told: [string, number][] = [];
  let bucket: string | null = null;
  for (let second = 0; second <= until; second += every) {
    const before = bucket === null ? undefined : (JSON.parse(bucket) as Bucket);
    const made: StateStep = stepFigure(trigger, before, figure(second), second * 1_000);
    bucket = made.bucket && JSON.stringify(made.bucket);
    if (made.outcome) told.push([made.outcome, second]);
  }
  return told;
}

describe('a figure', () => {
  it.each<[string, (second: number) => number | null, [string, number][]]>([
    ['in range never fires', () => 10, []],
    ['fires once it was out of range for long enough', () => 11, [['triggered', 60]]],
    ['that is out of range for a moment does not fire', (second) => (second % 60 < 55 ? 11 : 9), []],
    [
      'resolves once it was back for long enough',
      (second) => (second < 100 ? 11 : 9),
      [
        ['triggered', 60],
        ['resolved', 160],
      ],
    ],
    ['that is back for a moment stays fired', (second) => (second < 100 || second % 60 > 5 ? 11 : 9), [['triggered', 60]]],
    ['that is not there leaves all as it is', (second) => (second < 100 ? 11 : null), [['triggered', 60]]],
  ])('%s', (_title, figure, outcomes) => {
    expect(watch(figure, 600)).toEqual(outcomes);
  });

  it('fires and resolves in turns, at any pace of looking', () => {
    const values = fc.array(fc.integer({ min: 5, max: 15 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 30 }), (series, every) => {
        const outcomes = watch((second) => series[Math.floor(second / 30) % series.length] ?? null, 1_200, every).map(
          ([outcome]) => outcome,
        );
        expect(outcomes).toEqual(outcomes.map((_, i) => (i % 2 === 0 ? 'triggered' : 'resolved')));
      }),
    );
  });

  it.each([
    ['<', 1, 2, true],
    ['<', 2, 2, false],
    ['<=', 2, 2, true],
    ['>', 2, 2, false],
    ['>=', 2, 2, true],
    ['>', 3, 2, true],
  ] as const)('%s: %d beyond %d is %s', (operator, value, threshold, is) => {
    expect(isBeyond(value, operator, threshold)).toBe(is);
  });
});

it('a deadline fires once while it is over, and resolves once when it is not', () => {
  let bucket: Bucket | undefined;
  const outcomes = [false, true, true, true, false, false, true].map((isOver, i) => {
    const made = stepDeadline(bucket, isOver, i * 1_000);
    bucket = made.bucket ?? undefined;
    return made.outcome;
  });
  expect(outcomes).toEqual([null, 'triggered', null, null, 'resolved', null, 'triggered']);
});
