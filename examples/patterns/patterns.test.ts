/** Each pattern runs here, without any server, and ends as `expected.ts` says; infra/e2e/patterns.test.ts runs the same under an agent. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { DeploymentDefinition } from '@signalbox/sdk';
import { expect, test, vi } from 'vitest';
import { loadDeployments, toDeployInput } from '../../sdk/src/deployments.ts';
import { digestFolder } from '../../sdk/src/digest.ts';
import { createCliHome } from '../../sdk/test/run-cli.ts';
import { runInMemory } from '../../sdk/test/run-in-memory.ts';
import { expected, mailbox } from './expected.ts';
import { sayOutside, telling } from './telling.ts';

vi.stubEnv('SIGNALBOX_BLOCK_MAILBOX_PATTERN', JSON.stringify(mailbox));

const files = readdirSync(import.meta.dirname).filter((file) => !/^expected|\.test\.ts$/.test(file));

test('each pattern has an expectation, and no expectation is without its pattern', () => {
  expect(files.map((file) => path.basename(file, '.ts')).sort()).toEqual(Object.keys(expected).sort());
});

test.each(files)('%s ends as expected', async (file) => {
  const { deployments } = (await import(path.join(import.meta.dirname, file))) as { deployments: DeploymentDefinition[] };
  const [{ flow, options } = { flow: null, options: null }] = deployments;
  if (!flow || !options) throw new Error(`${file} exports no deployment`);
  const { outcome, told } = await runInMemory(flow, options.parameters);
  const wanted = expected[flow.name];
  const states = Object.keys(wanted?.tasks ?? {}).map((key) => [key, told.last(key)?.stateName]);
  const state = { type: outcome.state, name: outcome.name };
  const keyOf = (ordinal: number) => told.tasks.find((task) => task.ordinal === ordinal)?.taskKey;
  const upstream = wanted?.upstream && {
    upstream: Object.fromEntries(Object.keys(wanted.upstream).map((key) => [key, told.last(key)?.upstream.map(keyOf)])),
  };
  expect({ state, result: outcome.result, tasks: Object.fromEntries(states), ...upstream }).toEqual(wanted);
});

test('a long text is told in pieces that join to the whole; outside of a run it goes to the console', async () => {
  const { told } = await runInMemory(telling);
  const pieces = told.lines.filter(({ message }) => message.startsWith('xxx'));
  expect(pieces.map(({ message, continues }) => [message.length, continues ?? false])).toEqual([
    [16_384, true],
    [16_384, true],
    [7_232, false],
  ]);
  const said = vi.spyOn(console, 'info').mockImplementation(() => {});
  sayOutside();
  expect(said.mock.calls).toEqual([['nobody runs', { rows: 0 }]]);
  said.mockRestore();
});

test('the version of a deployment is the digest of all sources beside its flow', async () => {
  const [first] = await loadDeployments(path.join(import.meta.dirname, 'options.ts'));
  const { digest } = await toDeployInput(first as DeploymentDefinition);
  expect(digest).toBe(await digestFolder(path.join(import.meta.dirname, '..')));
});

test('a picture follows results, branches and order, as mermaid and as svg', async () => {
  await using home = await createCliHome();
  const file = path.join(import.meta.dirname, 'picture.ts');
  const { stdout } = await home.run(['visualize', file]);
  for (const line of ['b0(["picture"])', 'subgraph f0["if rows === 0"]', 'b1 --> b2', 'b2 -.-> b3', 'b2 --> b4'])
    expect(stdout).toContain(line);
  expect((await home.run(['visualize', file, '--format', 'svg'])).stdout).toMatch(/^<svg .*clean.*<\/svg>/s);
});
