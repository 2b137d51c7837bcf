import { expect, test } from 'vitest';
import { recently } from './recently.ts';

test('a key is remembered for so long after it was last added, and then takes no memory', () => {
  let now = 0;
  const keys = recently(100, () => now);
  for (let i = 0; i < 1_000; i++) keys.add(`agent-${i}`);
  now = 60;
  keys.add('agent-0');
  now = 100;
  expect(keys.has('agent-0')).toBe(true);
  expect(keys.has('agent-1')).toBe(false);
  expect(keys.size).toBe(1);
  now = 160;
  keys.add('other');
  expect(keys.size).toBe(1);
  keys.delete('other');
  expect(keys.has('other')).toBe(false);
});
