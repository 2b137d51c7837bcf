import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeOldResults } from './results.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sb-sweep-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const NOW = 1_800_000_000_000;
function write(name: string, ageMs: number): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'x');
  utimesSync(path, (NOW - ageMs) / 1000, (NOW - ageMs) / 1000);
}
const left = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
const { signal } = new AbortController();

test('results that nobody wrote to for long go, and those of a run stay together', async () => {
  write('runs/run_old/1.log', 50);
  write('runs/run_old/1/large', 40);
  write('runs/run_live/1.log', 90);
  write('runs/run_live/2.log', 5);
  write('cache/old', 31);
  write('cache/new', 29);
  expect(await removeOldResults(folder, NOW - 30, signal)).toBe(3);
  expect(left()).toEqual(['cache/new', 'runs/run_live/1.log', 'runs/run_live/2.log']);
});

test('folders that are empty then go too, and a folder that is missing is none to sweep', async () => {
  write('transactions/old', 31);
  await removeOldResults(folder, NOW, signal);
  expect(readdirSync(folder)).toEqual([]);
  expect(await removeOldResults(join(folder, 'missing'), NOW, signal)).toBe(0);
});
