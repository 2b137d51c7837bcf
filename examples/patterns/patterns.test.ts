/** Each pattern runs here, without any server, and ends as `expected.ts` says; infra/e2e/patterns.test.ts runs the same under an agent. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { DeploymentDefinition } from '@signalbox/sdk';
import { expect, test, vi } from 'vitest';
import { runInMemory } from '../../sdk/test/run-in-memory.ts';
import { expected, mailbox } from './expected.ts';

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
  expect({ state, result: outcome.result, tasks: Object.fromEntries(states) }).toEqual(wanted);
});
