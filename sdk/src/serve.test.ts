import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, watch, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { works } from '../test/fixture-flows.ts';
import { serve } from './serve.ts';

// Real processes: on a busy machine a cold start takes seconds.
vi.setConfig({ testTimeout: 60_000 });

const from = { url: new URL('../test/fixture-flows.ts', import.meta.url).href };
const onLocal = works.deployment({ name: 'daily', pool: 'local', from });

/** Writes down how it was started, and ends with `exitCode` when it is told to stop. */
const agentProgram = (exitCode: number) => `
  import { renameSync, writeFileSync } from 'node:fs';
  const { SIGNALBOX_JOIN_CODE: joinCode } = process.env;
  process.on('SIGTERM', () => process.exit(${exitCode}));
  setInterval(() => {}, 1_000);
  writeFileSync('started.tmp', JSON.stringify({ args: process.argv.slice(2), joinCode }));
  renameSync('started.tmp', 'started.json');
`;

let project: string;

beforeEach(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'sb-serve-'));
  vi.spyOn(process, 'cwd').mockReturnValue(project);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(project, { recursive: true });
});

async function installAgent(exitCode: number): Promise<void> {
  const folder = path.join(project, 'node_modules/@signalbox/agent');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ type: 'module', bin: { 'signalbox-agent': './bin.mjs' } }));
  await writeFile(path.join(folder, 'bin.mjs'), agentProgram(exitCode).replaceAll("'started", `'${project}/started`));
}

/** Answers every procedure with the same data, and keeps their names. */
async function controlPlane() {
  const called: string[] = [];
  const server = createServer((request, response) => {
    called.push(new URL(request.url ?? '', 'http://x').pathname.split('/').at(-1) ?? '');
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ result: { data: { code: 'JOIN-1' } } }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { called, url: `http://127.0.0.1:${port}`, [Symbol.dispose]: () => void server.close() };
}

async function started(): Promise<{ args: string[]; joinCode: string }> {
  for await (const { filename } of watch(project)) {
    if (filename === 'started.json') break;
  }
  return JSON.parse(await readFile(path.join(project, 'started.json'), 'utf8'));
}

describe('serve', () => {
  test('deploys, starts the installed agent for the pool with a join code, and ends when the agent has drained', async () => {
    using plane = await controlPlane();
    await installAgent(0);
    const controller = new AbortController();
    const start = started();
    const serving = serve([onLocal], { url: plane.url, name: 'here', slots: 2, signal: controller.signal });
    const { args, joinCode } = await start;
    expect(plane.called).toEqual(['deployments.deploy', 'agents.createJoinCode']);
    expect(joinCode).toBe('JOIN-1');
    expect(args).toEqual([
      'start',
      '--url',
      plane.url,
      '--name',
      'here',
      '--data-dir',
      path.join(project, '.signalbox/serve'),
      '--slots',
      '2',
    ]);
    controller.abort();
    await serving;
  });

  test('fails when the agent fails', async () => {
    using plane = await controlPlane();
    await installAgent(7);
    const controller = new AbortController();
    const start = started();
    const serving = serve([onLocal], { url: plane.url, signal: controller.signal });
    await start;
    controller.abort();
    await expect(serving).rejects.toThrow('the agent ended with exit code 7');
  });

  test('takes deployments of one pool, since an agent serves one', async () => {
    const elsewhere = works.deployment({ name: 'daily', pool: 'other', from });
    await expect(serve([onLocal, elsewhere])).rejects.toThrow('serve: expected deployments of one pool, got local, other');
    await expect(serve([])).rejects.toThrow('serve: expected at least one deployment');
  });
});
