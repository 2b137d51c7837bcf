import { expect, test } from 'vitest';
import { cpuOfTree, residentMib } from './costs.ts';

test.runIf(process.platform === 'linux')('the processor time of a tree never falls, and a process that is not there has none', () => {
  const before = cpuOfTree(process.pid);
  expect(before).toBeGreaterThan(0);
  expect(cpuOfTree(process.pid)).toBeGreaterThanOrEqual(before);
  expect(cpuOfTree(2 ** 30)).toBeNaN();
});

test.runIf(process.platform === 'linux')('resident memory is told in MiB, and not at all of a process that is gone', () => {
  expect(residentMib(process.pid)).toBeGreaterThan(10);
  expect(residentMib(2 ** 30)).toBeNaN();
});
