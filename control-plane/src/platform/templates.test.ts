/** One thing's templates have one bound, however many they are, and who takes long waits. */
import { describe, expect, it } from 'vitest';
import { allowanceOfNobody, fillIn, openAllowances, openLiquid } from './templates.ts';

const liquid = openLiquid();
/** Never done within its bound. */
const HUNGRY = '{% for a in (1..999999) %}x{% endfor %}';
const fill = (texts: readonly string[], allowed = allowanceOfNobody(20)) =>
  texts.map((text) => {
    try {
      return fillIn(liquid, text, { name: 'otter' }, allowed);
    } catch (error) {
      return (error as Error).message;
    }
  });

describe('texts of one thing', () => {
  it('are filled in, plain ones as they are', () => {
    expect(fill(['{{ name }}', 'of {{ name }}', 'plain'])).toEqual(['otter', 'of otter', 'plain']);
  });

  it('have one bound of time: what comes after it was taken is not begun', () => {
    const [first, ...others] = fill(Array<string>(1_000).fill(HUNGRY));
    expect(first).toContain('render limit exceeded');
    expect(new Set(others)).toEqual(new Set(['expected all templates to be filled in within 20 ms']));
    expect(fill([HUNGRY, 'plain', '{{ name }}'])[1]).toBe('plain');
  });

  it('have one bound of size', () => {
    const many = fill(Array<string>(3).fill('{{ (1..30000) }}'), allowanceOfNobody(60_000));
    expect(many.map((each) => typeof each === 'string')).toEqual([false, true, true]);
    expect(many[2]).toBe('expected at most 256 KB when filled in');
  });
});

it('a workspace whose templates took long waits, others do not', () => {
  const allowance = openAllowances({ capacity: 100, refillPerSecond: 0.001 });
  fill(['{{ name }}'], allowance('simple', 20));
  // Its own time on the processor counts, of which a busy machine gives less in each turn.
  const again = () => {
    for (let turn = 0; turn < 1_000; turn++) fill([HUNGRY], allowance('hungry', 20));
  };
  expect(again).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }));
  expect(fill(['{{ name }}'], allowance('simple', 20))).toEqual(['otter']);
});
