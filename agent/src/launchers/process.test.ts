import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { expect, test, vi } from 'vitest';
import { ChildListener } from '../../test/child-listener.ts';
import { childEnvironment } from './child-environment.ts';
import { ChildGateway, socketPathFor } from './child-gateway.ts';
import { encodeFrame } from './frames.ts';
import { launcherContract } from './launcher.contract.ts';
import { ProcessLauncher } from './process.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const log = pino({ level: 'silent' });
const fixture = join(import.meta.dirname, '../../test/fixture-child.ts');

const launcherOf = (home: string) => new ProcessLauncher({ dataDir: home, environment: process.env, log, childProgram: () => fixture });

launcherContract('process', launcherOf);

test.each([
  ['after a boot', { bootId: 'another boot' }],
  ['by another process', { startTime: '1' }],
])('a pid that was given away again, %s, costs its new owner nothing', async (_how, then) => {
  const home = mkdtempSync(join(tmpdir(), 'sb-pid-'));
  const stranger = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  await once(stranger, 'spawn');
  const now = identify(stranger.pid ?? 0) as ProcessIdentity;
  leaveBehind(home, 'w-left-over', { ...now, ...then });
  const launcher = launcherOf(home);
  await launcher.open();
  await launcher.discardOthers(new Set());
  expect(isAlive(now)).toBe(true);
  stranger.kill('SIGKILL');
  await launcher.close();
  rmSync(home, { recursive: true });
});

test('a child whose keeper was killed while the agent was away does not go on', async () => {
  const home = mkdtempSync(join(tmpdir(), 'sb-keeper-'));
  const shell = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; wait'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const [told] = (await once(shell.stdout, 'data')) as [Buffer];
  const [keeper, kept] = [shell.pid ?? 0, Number(String(told))].map((pid) => identify(pid) as ProcessIdentity);
  if (!keeper || !kept) throw new Error('two processes were started');
  leaveBehind(home, 'c1', keeper);
  shell.kill('SIGKILL');
  await once(shell, 'exit');
  expect(isAlive(kept)).toBe(true);

  const launcher = launcherOf(home);
  await launcher.open();
  const adopted = await launcher.adopt('c1');
  if (!adopted) throw new Error('the child was not known');
  const listener = ChildListener.attach(adopted, AbortSignal.timeout(20_000));
  await listener.until(() => listener.exit !== null);
  expect(listener.exit).toMatchObject({ isWitnessed: false });
  await expect.poll(() => isAlive(kept)).toBe(false);
  await launcher.close();
  rmSync(home, { recursive: true });
});

/** What a child of the agent before left in its folder. */
function leaveBehind(home: string, id: string, keeper: ProcessIdentity): void {
  const folder = join(home, 'children', id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'child.json'), JSON.stringify({ tokenHash: 'x'.repeat(64), keeper, pid: null }));
}

test('the socket has a short path however deep the data folder lies, and a folder of its own', async () => {
  const deep = join(tmpdir(), 'x'.repeat(120));
  expect(Buffer.byteLength(socketPathFor(deep))).toBeLessThanOrEqual(100);
  expect(socketPathFor(deep)).toBe(socketPathFor(deep));
  const home = mkdtempSync(join(tmpdir(), 'sb-sock-'));
  const gateway = new ChildGateway(socketPathFor(home), log);
  await gateway.open();
  expect(statSync(join(home, 'run')).mode & 0o777).toBe(0o700);
  await gateway.close();
  rmSync(home, { recursive: true });
});

test('a stranger without the token is cut off', async () => {
  const home = mkdtempSync(join(tmpdir(), 'sb-sock-'));
  const gateway = new ChildGateway(socketPathFor(home), log);
  await gateway.open();
  const socket = createConnection(gateway.path);
  socket.write(encodeFrame({ type: 'hello', v: 1, token: 'guess', pid: 1, sdkVersion: 'x', holding: null }));
  await once(socket, 'close');
  await gateway.close();
  rmSync(home, { recursive: true });
});

test('a child inherits no secret of the agent and no CA it did not ask for', () => {
  const base = { PATH: '/bin', SIGNALBOX_JOIN_CODE: 'secret', NODE_EXTRA_CA_CERTS: '/ca.pem' };
  const spec = { id: 'c', source: { kind: 'module', module: 'm', exportName: 'e' } as const, variables: {}, run: null };
  const connection = { socketPath: '/s', token: 't' };
  expect(childEnvironment(base, spec, connection, '/data')).toEqual({
    PATH: '/bin',
    NODE_COMPILE_CACHE: '/data/compile-cache',
    SIGNALBOX_RESULTS_DIR: '/data/results',
    SIGNALBOX_CHILD_SOCKET: '/s',
    SIGNALBOX_CHILD_TOKEN: 't',
  });
  const asking = { ...spec, variables: { env: { NODE_EXTRA_CA_CERTS: '/mine.pem' } } };
  expect(childEnvironment({ ...base, SIGNALBOX_RESULTS_DIR: '/shared' }, spec, connection, '/data')).toMatchObject({
    SIGNALBOX_RESULTS_DIR: '/shared',
  });
  expect(childEnvironment(base, asking, connection, '/data')).toMatchObject({ NODE_EXTRA_CA_CERTS: '/mine.pem' });
});
