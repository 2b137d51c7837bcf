/**
 * What npm would get, installed in repositories that are not this one: flows run by themselves, are found, deployed by the
 * packed command and run under the packed agent. CI takes npm; `npm run fixtures` takes all managers and frameworks.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunId } from '@signalbox/proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../dev/paths.ts';
import { frameworks } from '../fixtures/frameworks.ts';
import { installFixture, MANAGERS, type Manager } from '../fixtures/install.ts';
import { type Fixture, workspace } from '../fixtures/workspace.ts';
import { packPackages, type Tarballs } from '../pack/pack.ts';
import { runTag } from '../test-support/run-tag.ts';
import { type System, startSystem } from '../test-support/system.ts';

const execute = promisify(execFile);
const ALL = process.env['SIGNALBOX_FIXTURES'] === 'all';
const MATRIX: readonly { name: string; fixture: Fixture; manager: Manager }[] = [
  ...(ALL ? MANAGERS : (['npm'] as const)).map((manager) => ({ name: `a workspace of ${manager}`, fixture: workspace, manager })),
  ...(ALL ? Object.entries(frameworks) : []).map(([name, fixture]) => ({ name, fixture, manager: 'npm' as const })),
];

let folder: string;
let system: System;
let tarballs: Tarballs;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-fixtures-')));
  tarballs = await packPackages();
  system = await startSystem({ tag: runTag(), agents: 0 });
  environment = {
    ...process.env,
    SIGNALBOX_URL: system.url,
    SIGNALBOX_API_KEY: system.apiKey,
    NO_COLOR: '1',
    XDG_CONFIG_HOME: folder,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  };
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(MATRIX)('$name', ({ name, fixture, manager }) => {
  const home = () => join(folder, name.replaceAll(' ', '-'));
  const command = (file: string, args: readonly string[], cwd: string) =>
    execute(process.execPath, [join(home(), file), ...args], { cwd, env: environment }).catch(
      (error: { stdout: string; stderr: string }) => {
        throw new Error(`${file} ${args.join(' ')} in ${cwd}:\n${error.stdout}\n${error.stderr}`);
      },
    );
  const signalbox = (args: readonly string[], cwd: string) => command('node_modules/@signalbox/sdk/dist/cli/bin.mjs', args, cwd);

  beforeAll(async () => {
    await installFixture(home(), fixture, manager, tarballs);
    if (fixture.prepare) for (const [file, ...args] of fixture.prepare) await command(file, args, home());
  }, 600_000);

  test('each flow runs by itself', async () => {
    for (const flow of fixture.flows) {
      const { stdout } = await execute(process.execPath, [...flow.run], { cwd: join(home(), flow.folder) });
      expect(stdout, flow.folder).toMatch(/Completed/);
    }
  });

  test('doctor finds each flow and nothing wrong', async () => {
    for (const flow of fixture.flows) {
      const { stdout } = await signalbox(['doctor', '--offline', '--json'], join(home(), flow.folder));
      const { findings, files } = JSON.parse(stdout) as { findings: { status: string }[]; files: { flows: { name: string }[] }[] };
      expect(files.flatMap(({ flows }) => flows.map((found) => found.name))).toEqual([flow.deployment.split('/')[0]]);
      expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
    }
  });

  test('the packed command deploys each, and the packed agent runs it', async () => {
    for (const flow of fixture.flows) await signalbox(['deploy'], join(home(), flow.folder));
    const { code } = await system.client.agents.createJoinCode.mutate({ pool: 'local' });
    const bin = join(home(), 'node_modules/@signalbox/agent/dist/bin.mjs');
    const args = [bin, 'start', '--url', system.url, '--name', manager, '--data-dir', join(home(), 'agent'), '--warm', '0'];
    const agent = spawn(process.execPath, args, { env: { ...environment, SIGNALBOX_JOIN_CODE: code }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [agent.stdout, agent.stderr]) stream.on('data', (text: Buffer) => (output += text));
    const ended = once(agent, 'exit');
    try {
      const runs = await Promise.all(
        fixture.flows.map((flow) => system.client.runs.create.mutate({ deployment: flow.deployment }).then(({ id }) => ({ id, flow }))),
      );
      for (const { id, flow } of runs) {
        const run = await system.client.waitForRun(id as RunId, { timeoutMs: 90_000 }).catch((error) => {
          throw new Error(`${flow.deployment}: ${error}\n${output}`);
        });
        expect({ flow: flow.deployment, state: run.state.type, failure: run.failure?.message, result: run.result?.body }).toEqual({
          flow: flow.deployment,
          state: 'COMPLETED',
          failure: undefined,
          result: flow.result,
        });
      }
    } finally {
      agent.kill('SIGTERM');
      await ended;
    }
  });
});

test('the published declarations give a user the types of the API', async () => {
  const cwd = join(folder, 'a-workspace-of-npm/packages/esm');
  await execute(process.execPath, [join(ROOT, 'node_modules/typescript-native/bin/tsc'), '-p', cwd]).catch((error: { stdout: string }) => {
    throw new Error(error.stdout);
  });
});

test('a project made by signalbox init installs, passes its types and test, and runs', async () => {
  const cwd = join(folder, 'a-workspace-of-npm/packages/made');
  const bin = join(folder, 'a-workspace-of-npm/node_modules/@signalbox/sdk/dist/cli/bin.mjs');
  await execute(process.execPath, [bin, 'init', cwd, '--yes']);
  await execute(process.execPath, [
    join(ROOT, 'node_modules/typescript-native/bin/tsc'),
    '-p',
    cwd,
    '--typeRoots',
    join(ROOT, 'node_modules/@types'),
  ]);
  const { stdout } = await execute(process.execPath, ['flows/report.ts', '--param', 'name=Grace'], { cwd });
  expect(stdout).toMatch(/Hello, Grace[\s\S]*Completed/);
  await execute(process.execPath, ['--test', 'flows/report.test.ts'], { cwd });
  const doctor = await execute(process.execPath, [bin, 'doctor', '--offline'], { cwd });
  expect(doctor.stdout).toMatch(/flow report {2}flows\/report\.ts/);
});
