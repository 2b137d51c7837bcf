import { expect, test } from 'vitest';
import { ServiceTimes } from './service-times.ts';

test('runs are short by their average; what is not known takes long', () => {
  const times = new ServiceTimes();
  expect([times.isShort('a'), times.servedSoon('a')]).toEqual([false, 0]);
  times.note('a', 4);
  expect([times.isShort('a'), times.servedSoon('a'), times.isShort('b')]).toEqual([true, 2, false]);
  times.note('a', 28);
  expect([times.isShort('a'), times.servedSoon('a')]).toEqual([true, 1]);
  for (let i = 0; i < 40; i++) times.note('a', 1_000);
  expect([times.isShort('a'), times.servedSoon('a')]).toEqual([false, 0]);
});

test('codes that have not run for longest are forgotten', () => {
  const times = new ServiceTimes();
  for (let i = 0; i <= 500; i++) times.note(`code ${i}`, 1);
  expect([times.isShort('code 0'), times.isShort('code 1')]).toEqual([false, true]);
});
