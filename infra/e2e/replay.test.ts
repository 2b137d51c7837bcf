/** A run that is tried again, with the real thing: what its tasks gave is given again, and only the rest runs. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunDetail } from '@signalbox/proto/api';
import { deploy } from '@signalbox/sdk';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runTag } from '../test-support/run-tag.ts';
import { type System, startSystem } from '../test-support/system.ts';
import { deployments } from './flows/replayed.ts';

let system: System;
let folder: string;

beforeAll(async () => {
  system = await startSystem({ tag: runTag(), slots: 1 });
  const url = new URL('./flows/replayed.ts', import.meta.url).href;
  const here = deployments.map((definition) => ({ ...definition, options: { ...definition.options, from: { url } } }));
  await deploy(here, { client: system.client });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-replay-'));
  return () => rmSync(folder, { recursive: true, force: true });
});
afterAll(() => system?.[Symbol.asyncDispose]());

const start = (end: string) => {
  writeFileSync(join(folder, 'end'), end);
  return system.client.runs.create.mutate({ deployment: 'replayed/test', parameters: { folder } }).then(({ id }) => id);
};
const until = async (run: RunDetail['id'], state: string) => {
  await expect.poll(async () => (await system.client.runs.get.query({ run })).state.type, { timeout: 60_000, interval: 100 }).toBe(state);
};
/** Which numbers each attempt squared, in order. */
const calls = () => {
  const lines = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  const of = (attempt: string) =>
    lines.flatMap((line) => (line.startsWith(`${attempt} `) ? [Number(line.split(' ')[1])] : [])).sort((a, b) => a - b);
  return [of('1'), of('2')];
};
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const result = async (run: RunDetail['id']) => (await system.client.runs.get.query({ run })).result;
const stateNames = async (run: RunDetail['id'], epoch: number) => {
  const { items } = await system.client.runs.taskRuns.query({ run, limit: 100 });
  const names = items.filter((item) => item.epoch === epoch).map((item) => item.state.name);
  return { cached: names.filter((name) => name === 'Cached').length, completed: names.filter((name) => name === 'Completed').length };
};

test('a flow that fails and is retried is given what its finished tasks gave, without loss', async () => {
  const run = await start('throw');
  await until(run, 'COMPLETED');
  expect(calls()).toEqual([numbers(1, 10), numbers(11, 20)]);
  expect(await result(run)).toMatchObject({ body: { sum: '2870', dates: true } });
  const { attempts } = await system.client.runs.get.query({ run });
  expect(await stateNames(run, attempts.at(-1)?.epoch ?? 0)).toEqual({ cached: 10, completed: 10 });
});

test('a run whose process was killed, retried by hand from what failed, runs the rest alone', async () => {
  const run = await start('die');
  await until(run, 'CRASHED');
  await system.client.runs.retry.mutate({ run, mode: 'from-failed' });
  await until(run, 'COMPLETED');
  expect(calls()).toEqual([numbers(1, 10), numbers(11, 20)]);
  expect(await result(run)).toMatchObject({ body: { sum: '2870', dates: true } });
});

test('retried from the start, it runs everything again', async () => {
  const run = await start('die');
  await until(run, 'CRASHED');
  await system.client.runs.retry.mutate({ run, mode: 'from-start' });
  await until(run, 'COMPLETED');
  expect(calls()).toEqual([numbers(1, 10), numbers(1, 20)]);
});
