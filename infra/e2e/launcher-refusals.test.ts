import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freePort, LOOPBACK } from '../dev/ports.ts';
import { launcherHome } from './launcher.ts';

/** The last line that it printed, without mark and colour. */
const lastLine = (output: string): string => output.trim().split('\n').at(-1)?.replace(/^✗ /, '') ?? '';

describe('npm start refuses with one clear line and a non-zero exit', () => {
  test('when its port is busy', async () => {
    await using home = await launcherHome();
    const server = createServer().listen(home.port, LOOPBACK);
    await new Promise((listening) => server.once('listening', listening));
    const started = home.start();
    expect(await started.ended).toBe(1);
    expect(started.output().trim()).toBe(
      `✗ Port ${home.port} is in use by another program. Stop it, or choose another port: SIGNALBOX_PORT=${home.port + 1} npm start`,
    );
    await new Promise((closed) => server.close(closed));
  });

  test('when a lock is stale; the next start takes it', async () => {
    await using home = await launcherHome();
    writeFileSync(join(home.data, 'launcher.lock'), JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1', url: home.url }));
    const started = home.start();
    expect(await started.ended).toBe(1);
    expect(started.output().trim()).toBe(
      `✗ An earlier start (pid ${2 ** 22 + 1}) was killed; the 0 processes it left are ended. Start again`,
    );
    const next = home.start(['--once'], { DATABASE_URL: `postgres://me@127.0.0.1:${await freePort()}/mine` });
    expect(await next.ended).toBe(1);
    expect(lastLine(next.output())).toContain('DATABASE_URL cannot be reached');
  });

  test('when DATABASE_URL cannot be reached', async () => {
    await using home = await launcherHome();
    const nowhere = await freePort();
    const started = home.start(['--once'], { DATABASE_URL: `postgres://me:hunter2@127.0.0.1:${nowhere}/mine` });
    expect(await started.ended).toBe(1);
    expect(lastLine(started.output())).toBe(
      `DATABASE_URL cannot be reached at 127.0.0.1:${nowhere}/mine: connect ECONNREFUSED 127.0.0.1:${nowhere}`,
    );
    expect(started.output()).not.toContain('hunter2');
    expect(home.processes()).toEqual([]);
  });

  test('when NATS_URL cannot be reached, or has no trust file', async () => {
    await using home = await launcherHome();
    const nowhere = await freePort();
    const unreachable = home.start([], { NATS_URL: `nats://127.0.0.1:${nowhere}`, SIGNALBOX_NATS_TRUST_FILE: '/dev/null' });
    expect(await unreachable.ended).toBe(1);
    expect(lastLine(unreachable.output())).toContain(`NATS_URL cannot be reached at 127.0.0.1:${nowhere}`);
    const untrusted = home.start([], { NATS_URL: 'nats://127.0.0.1:4222' });
    expect(await untrusted.ended).toBe(1);
    expect(lastLine(untrusted.output())).toMatch(/^NATS_URL is set: SIGNALBOX_NATS_TRUST_FILE must name the trust file/);
  });

  // A full disk is a small one, which takes a mount: root on Linux may; elsewhere the unit tests of preflight.ts stand alone.
  test.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)('when the disk is full', async (ctx) => {
    await using home = await launcherHome();
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=30m', 'tmpfs', home.data]);
    if (status !== 0) ctx.skip('this machine does not let root mount');
    try {
      const started = home.start(['--once']);
      expect(await started.ended).toBe(1);
      expect(lastLine(started.output())).toMatch(/^The disk is full: \d+ MB are free in .+, 400 MB are needed\. Free some space, or give/);
    } finally {
      spawnSync('umount', [home.data]);
    }
  });

  test('when it does not know an option', async () => {
    await using home = await launcherHome();
    const started = home.start(['--onec']);
    expect(await started.ended).toBe(1);
    expect(started.output().trim()).toBe("✗ Unknown option '--onec'. See npm start -- --help");
  });
});
