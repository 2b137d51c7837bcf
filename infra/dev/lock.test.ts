import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeLock } from './lock.ts';
import { startOf } from './process-identity.ts';

const URL = 'http://localhost:4200';
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-lock-'));
  file = join(folder, 'launcher.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the lock of a data folder', () => {
  test('is given back at the end', () => {
    {
      using lock = takeLock(file, URL);
      expect(lock.tookOverFrom).toBeNull();
      expect(existsSync(file)).toBe(true);
    }
    expect(existsSync(file)).toBe(false);
  });

  test('that a live launcher holds is refused, with its address and how to stop it', () => {
    using _held = takeLock(file, URL);
    expect(() => takeLock(file, URL)).toThrow(
      `Signalbox runs here already: ${URL} (pid ${process.pid}). Stop it with Ctrl-C in its terminal, or: kill ${process.pid}`,
    );
  });

  test('of a launcher that is gone is taken over', () => {
    const gone = spawnSync(process.execPath, ['--version']).pid;
    writeFileSync(file, JSON.stringify({ pid: gone, startedAt: 'then', url: URL }));
    using lock = takeLock(file, URL);
    expect(lock.tookOverFrom).toBe(gone);
  });

  test('whose pid belongs to another program by now is taken over', () => {
    writeFileSync(file, JSON.stringify({ pid: process.pid, startedAt: `${startOf(process.pid)} earlier`, url: URL }));
    using lock = takeLock(file, URL);
    expect(lock.tookOverFrom).toBe(process.pid);
  });

  test('that a full disk left empty is taken over', () => {
    writeFileSync(file, '');
    using lock = takeLock(file, URL);
    expect(lock.tookOverFrom).toBe(0);
  });
});
