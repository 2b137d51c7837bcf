/** `serve()` as an author uses it: one file that registers its flow and runs it here, with the real agent. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runTag } from '../test-support/run-tag.ts';
import { type System, startSystem } from '../test-support/system.ts';

const FILE = fileURLToPath(new URL('./flows/served.ts', import.meta.url));

let system: System;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-serve-'));
  system = await startSystem({ tag: runTag(), agents: 0 });
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test('a served flow runs on the machine that serves it, and TERM drains and ends with 0', async () => {
  const env = { ...process.env, SIGNALBOX_URL: system.url, SIGNALBOX_API_KEY: system.apiKey, SERVE_DATA: folder };
  const served = spawn(process.execPath, [FILE], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [served.stdout, served.stderr]) stream.on('data', (text: Buffer) => (output += text));
  const ended = once(served, 'exit');
  try {
    const deployment = () =>
      system.client.deployments.get.query({ deployment: 'served/here' }).then(
        () => true,
        () => false,
      );
    await expect.poll(deployment, { timeout: 30_000 }).toBe(true);
    const { id } = await system.client.runs.create.mutate({ deployment: 'served/here', parameters: { n: 20 } });
    const state = () => system.client.runs.get.query({ run: id }).then((run) => run.state.type);
    await expect.poll(state, { timeout: 60_000, message: output }).toBe('COMPLETED');
    expect((await system.client.runs.get.query({ run: id })).result?.body).toBe(42);
  } finally {
    served.kill('SIGTERM');
  }
  expect((await ended)[0], output).toBe(0);
  expect((await system.client.agents.list.query({})).items.map(({ name }) => name)).toContain('here');
});
