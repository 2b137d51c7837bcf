import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { freePort, LOOPBACK } from './ports.ts';
import { requireDatabase, requireNats, requirePort, requireSpace } from './preflight.ts';
import { describeFailure } from './start-error.ts';

const PETABYTE = 2 ** 50;

describe('before a start', () => {
  test('a disk without room is told with what is free and what is needed', () => {
    expect(() => requireSpace(tmpdir(), 1)).not.toThrow();
    expect(() => requireSpace(tmpdir(), PETABYTE)).toThrow(
      /^The disk is full: \d+ MB are free in .+, 1073741824 MB are needed\. Free some space, or give another folder with --data-dir\.$/,
    );
  });

  test.skipIf(process.platform !== 'linux')('a disk that fills up later is one line, not a stack', () => {
    let thrown: unknown;
    try {
      writeFileSync('/dev/full', 'x');
    } catch (error) {
      thrown = error;
    }
    expect(describeFailure(thrown)).toMatch(/^The disk is full.*Free some space, then start again\.$/);
  });

  test('a busy port is told with the way around it', async () => {
    const port = await freePort();
    await requirePort(port);
    const server = createServer().listen(port, LOOPBACK);
    await new Promise((listening) => server.once('listening', listening));
    await expect(requirePort(port)).rejects.toThrow(
      `Port ${port} is in use by another program. Stop it, or choose another port: SIGNALBOX_PORT=${port + 1} npm start`,
    );
    await new Promise((closed) => server.close(closed));
  });

  test('an unreachable database is told with its place and never its password', async () => {
    const port = await freePort();
    await expect(requireDatabase(`postgres://me:hunter2@127.0.0.1:${port}/mine`)).rejects.toThrow(
      `DATABASE_URL cannot be reached at 127.0.0.1:${port}/mine: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
    await expect(requireDatabase('hunter2')).rejects.toThrow(
      'DATABASE_URL is not an address: expected postgres://user:password@host:port/database',
    );
  });

  test('an unreachable NATS is told with its place', async () => {
    const port = await freePort();
    await expect(requireNats(`nats://127.0.0.1:${port}`)).rejects.toThrow(
      `NATS_URL cannot be reached at 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
  });
});
