import { describe, expect, it } from 'vitest';
import { editFieldValue, readFieldValue, readSpan, showFieldValue } from './field-words.ts';

describe('a value', () => {
  it.each([
    [300_000, 'duration', '5 min'],
    [null, 'duration', 'none'],
    ['', 'text', '(empty)'],
    [['etl'], 'json', '["etl"]'],
    ['Rome', 'json', 'Rome'],
    [undefined, 'json', 'removed'],
  ] as const)('%j of %s reads %s', (value, input, text) => {
    expect(showFieldValue(value, input)).toBe(text);
  });

  it.each([
    ['Rome', 'json'],
    ['42', 'json'],
    ['null', 'json'],
    ['42', 'text'],
    ['', 'text'],
    [42, 'json'],
    [null, 'json'],
    [null, 'duration'],
    [90_000, 'duration'],
    [{ retries: 1, delaysMs: [0] }, 'json'],
    [[], 'json'],
  ] as const)('%j of %s comes back from its editor as it was', (value, input) => {
    expect(readFieldValue(editFieldValue(value, input), input)).toEqual(value);
  });

  it('of a duration takes units, and leaves nonsense for the control plane to refuse', () => {
    expect([readFieldValue('10m', 'duration'), readFieldValue('1.5h', 'duration'), readFieldValue('soon', 'duration')]).toEqual([
      600_000,
      5_400_000,
      'soon',
    ]);
    expect([readSpan('2h'), readSpan('250'), readSpan('x')]).toEqual([7_200_000, 250, null]);
  });
});
