import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NATS_VERSION, natsBinary } from './nats-binary.ts';
import { fetchRelease } from './nats-release.ts';

const RELEASE = `nats-server-v${NATS_VERSION}-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
let folder: string;
let server: Server;
let releases: string;
let checksum: (archive: Buffer) => string;

/** A site that offers the machine's own nats-server as a release. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-nats-'));
  mkdirSync(join(folder, RELEASE));
  copyFileSync(await natsBinary(), join(folder, RELEASE, 'nats-server'));
  execFileSync('tar', ['-czf', 'release.tar.gz', RELEASE], { cwd: folder });
  const archive = readFileSync(join(folder, 'release.tar.gz'));
  checksum = (bytes) => createHash('sha256').update(bytes).digest('hex');
  server = createServer((request, reply) => {
    if (request.url?.endsWith('/SHA256SUMS')) reply.end(`${'0'.repeat(64)}  other.zip\n${checksum(archive)}  ${RELEASE}.tar.gz\n`);
    else if (request.url === `/v${NATS_VERSION}/${RELEASE}.tar.gz`) reply.end(archive);
    else reply.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  // Without the machine's own nats-server, and with what unpacking takes.
  const programs = join(folder, 'bin');
  mkdirSync(programs);
  for (const name of ['tar', 'gzip']) symlinkSync(whereIs(name), join(programs, name));
  vi.stubEnv('PATH', programs);
  releases = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await new Promise((closed) => server.close(closed));
  rmSync(folder, { recursive: true, force: true });
});

const release = { label: 'the official release', get: (into: string) => fetchRelease(NATS_VERSION, into, releases) };
const nothing = { label: 'go install', get: () => Promise.reject(new Error('go: cannot find module\nmore')) };

const whereIs = (program: string): string => execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();

describe('obtaining nats-server', () => {
  test('goes on to the next way when one fails, and keeps what it got', async () => {
    const file = await natsBinary(() => {}, folder, [nothing, release]);
    expect(file).toBe(join(folder, 'nats-server'));
    expect(await natsBinary(() => {}, folder, [])).toBe(file);
  });

  test('refuses a release whose checksum is not the published one', async () => {
    checksum = () => 'f'.repeat(64);
    await expect(fetchRelease(NATS_VERSION, folder, releases)).rejects.toThrow(
      /checksum of nats-server-.+ is [0-9a-f]{64}, expected f{64}/,
    );
  });

  test('that fails every way says what to install, in one line', async () => {
    await expect(natsBinary(() => {}, folder, [nothing])).rejects.toThrow(
      'No nats-server was found and none could be obtained (go install: go: cannot find module). Install nats-server 2.9.10 or newer so that it is on PATH, or set NATS_URL.',
    );
  });
});
