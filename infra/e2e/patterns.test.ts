/** Each pattern of examples/patterns, deployed, runs under one agent and ends as it does without any server. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { deploy } from '@signalbox/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expected } from '../../examples/patterns/expected.ts';
import { loadDeployments } from '../../sdk/src/deployments.ts';
import { ROOT } from '../dev/paths.ts';
import { runTag } from '../test-support/run-tag.ts';
import { type System, startSystem } from '../test-support/system.ts';

const FOLDER = join(ROOT, 'examples/patterns');

let system: System;
beforeAll(async () => {
  system = await startSystem({ tag: runTag(), slots: 2 });
  const files = readdirSync(FOLDER).filter((file) => !/^expected|\.test\.ts$/.test(file));
  const definitions = await Promise.all(files.map((file) => loadDeployments(join(FOLDER, file))));
  await deploy(definitions.flat(), { client: system.client });
});
afterAll(() => system?.[Symbol.asyncDispose]());

test('each pattern ends under an agent as it does without a server', async () => {
  const names = Object.keys(expected);
  const runs = await Promise.all(names.map((name) => system.client.runs.create.mutate({ deployment: `${name}/pattern` })));
  const ended = await Promise.all(
    runs.map(async ({ id }, i) => {
      const run = await system.client.waitForRun(id, { timeoutMs: 120_000 });
      const { items } = await system.client.runs.taskRuns.query({ run: id });
      const wanted = expected[names[i] ?? ''];
      const states = Object.keys(wanted?.tasks ?? {}).map((key) => [key, items.find(({ taskKey }) => taskKey === key)?.state.name]);
      const state = { type: run.state.type, name: run.state.name };
      return [names[i], { state, result: run.result?.body, tasks: Object.fromEntries(states) }];
    }),
  );
  expect(Object.fromEntries(ended)).toEqual(expected);
});
