import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { expect, test, vi } from 'vitest';
import { childEnvironment } from './child-environment.ts';
import { ChildGateway, socketPathFor } from './child-gateway.ts';
import { encodeFrame } from './frames.ts';
import { launcherContract } from './launcher.contract.ts';
import { ProcessLauncher } from './process.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const log = pino({ level: 'silent' });
const fixture = join(import.meta.dirname, '../../test/fixture-child.ts');

launcherContract('process', (home) => new ProcessLauncher({ dataDir: home, environment: process.env, log, childProgram: () => fixture }));

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
  expect(childEnvironment(base, spec, connection, '/cache')).toEqual({
    PATH: '/bin',
    NODE_COMPILE_CACHE: '/cache',
    SIGNALBOX_CHILD_SOCKET: '/s',
    SIGNALBOX_CHILD_TOKEN: 't',
  });
  const asking = { ...spec, variables: { env: { NODE_EXTRA_CA_CERTS: '/mine.pem' } } };
  expect(childEnvironment(base, asking, connection, '/cache')).toMatchObject({ NODE_EXTRA_CA_CERTS: '/mine.pem' });
});
