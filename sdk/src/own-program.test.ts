/** Deploying and serving from the program that exports the flow, without `from`: real programs, as authors start them. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

// Real processes: on a busy machine a cold start takes seconds.
vi.setConfig({ testTimeout: 60_000 });

const SDK = new URL('./index.ts', import.meta.url).href;
const FLOW = `import { flow } from '${SDK}';\nexport const stars = flow('github-stars', async () => 1);\n`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(import.meta.dirname, '../test/.project-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Answers every procedure, and keeps what each was given. */
async function controlPlane() {
  const called: { procedure: string; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const body = (await request.toArray()).join('');
    called.push({ procedure: new URL(request.url ?? '', 'http://x').pathname.split('/').at(-1) ?? '', body });
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ result: { data: { code: 'JOIN-1' } } }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { called, url: `http://127.0.0.1:${port}`, [Symbol.dispose]: () => void server.close() };
}

async function start(program: string, url = 'http://127.0.0.1:9'): Promise<string> {
  const env = { ...process.env, SIGNALBOX_URL: url };
  return promisify(execFile)(process.execPath, [program], { cwd: folder, env }).then(
    ({ stdout }) => stdout,
    (error: { stderr: string }) => error.stderr,
  );
}

const write = (name: string, text: string) => writeFile(path.join(folder, name), text);

describe('without from', () => {
  test('a program deploys the flow that it exports', async () => {
    using plane = await controlPlane();
    await write('flow.ts', `${FLOW}await stars.deploy({ name: 'prod', pool: 'k8s', interval: '10m' });\nconsole.log('deployed');\n`);
    expect(await start('flow.ts', plane.url)).toBe('deployed\n');
    expect(plane.called.map(({ procedure }) => procedure)).toEqual(['deployments.deploy']);
    const input = JSON.parse(plane.called[0]?.body ?? '');
    expect(input).toMatchObject({
      flow: 'github-stars',
      name: 'prod',
      pool: 'k8s',
      source: { kind: 'path', exportName: 'stars', entrypoint: expect.stringMatching(/flow\.ts$/) },
      schedules: [{ slug: 'interval-1', spec: { kind: 'interval', everyMs: 600_000 } }],
    });
  });

  test('a program serves the flow that it exports: in the pool local, by the installed agent', async () => {
    using plane = await controlPlane();
    const agent = path.join(folder, 'node_modules/@signalbox/agent');
    await mkdir(agent, { recursive: true });
    await writeFile(path.join(agent, 'package.json'), JSON.stringify({ type: 'module', bin: { 'signalbox-agent': './bin.mjs' } }));
    await writeFile(
      path.join(agent, 'bin.mjs'),
      "import { writeFileSync } from 'node:fs';\nwriteFileSync('args.json', JSON.stringify(process.argv.slice(2)));\n",
    );
    const serving = "{ name: 'daily', cron: '0 8 * * *', timezone: 'Europe/Berlin', parameters: { repos: [] } }";
    await write('flow.ts', `${FLOW}await stars.serve(${serving}, { name: 'here' });\nconsole.log('served');\n`);
    expect(await start('flow.ts', plane.url)).toBe('served\n');
    expect(plane.called.map(({ procedure }) => procedure)).toEqual(['deployments.deploy', 'agents.createJoinCode']);
    expect(JSON.parse(plane.called[0]?.body ?? '')).toMatchObject({
      name: 'daily',
      pool: 'local',
      parameters: { repos: [] },
      schedules: [{ slug: 'cron-1', spec: { kind: 'cron', cron: '0 8 * * *', timezone: 'Europe/Berlin' } }],
    });
    expect(JSON.parse(plane.called[1]?.body ?? '')).toEqual({ pool: 'local' });
    const args: string[] = JSON.parse(await readFile(path.join(folder, 'args.json'), 'utf8'));
    expect(args[args.indexOf('--name') + 1]).toBe('here');
  });

  test('a program that does not export the flow is told to, or to say from where', async () => {
    await write('flow.ts', FLOW);
    await write('main.ts', "import { stars } from './flow.ts';\nawait stars.deploy({ name: 'prod', pool: 'k8s' });\n");
    const said = await start('main.ts');
    expect(said).toContain(`deployment "github-stars/prod": ${path.join(folder, 'main.ts')} does not export the flow; without from it`);
    expect(said).toContain('export it there, or give from: import.meta in the file that exports it');
  });

  test('a file that calls its flow says so where it is only read', async () => {
    await write('flow.ts', `${FLOW}await stars();\n`);
    await write(
      'main.ts',
      `import { loadModule } from '${new URL('./loading.ts', import.meta.url).href}';
console.warn = console.log;
await loadModule(import.meta.resolve('./flow.ts'));\n`,
    );
    const warning = 'flow "github-stars" runs because its file is read: call it by .cli(), which runs it for the program alone';
    expect(await start('main.ts')).toContain(warning);
    expect(await start('flow.ts')).not.toContain(warning);
  });

  test('a program that fails while its exports are read says why', async () => {
    await write('flow.ts', `${FLOW}console.log((await stars.deploy({ name: 'prod', pool: 'k8s' })).id);\n`);
    expect(await start('flow.ts')).toMatch(/flow\.ts: Cannot read properties of undefined \(reading 'id'\)/);
  });
});
