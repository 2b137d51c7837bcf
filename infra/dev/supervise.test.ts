import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startOf } from './process-identity.ts';
import { endLeftovers, processRegistry } from './process-registry.ts';
import { type ProcessSpec, sendSignal } from './processes.ts';
import { supervise, type Watch } from './supervise.ts';

let folder: string;
let told: string[];
let watch: Watch;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-supervise-'));
  told = [];
  watch = {
    logs: folder,
    stack: `supervise-${process.pid}-${folder}`,
    registry: processRegistry(join(folder, 'processes.json')),
    signal: new AbortController().signal,
    onRestart: (name, cause) => told.push(`${name}: ${cause}`),
    onGiveUp: (name, cause) => told.push(`gave up on ${name}: ${cause}`),
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `body` in a Node of its own, which prints its pid first. */
const program = (body: string): ProcessSpec => ({
  name: 'part',
  command: process.execPath,
  args: ['-e', `console.log(process.pid); ${body}`],
  stopSignal: 'SIGTERM',
  stopGraceMs: 2_000,
  isReady: async () => pids().length > 0,
});
const pids = (): number[] =>
  readFileSync(join(folder, 'part.log'), 'utf8')
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);
const STAY = 'setInterval(() => {}, 1000)';

describe('a supervised process', () => {
  test('that is killed is started again, and the cause is told', async () => {
    const part = await supervise(program(STAY), watch);
    sendSignal(pids()[0] ?? 0, 'SIGKILL');
    await expect.poll(() => pids().length).toBe(2);
    await part.stop();
    expect(told).toEqual(['part: killed by SIGKILL']);
    expect(pids().map(startOf)).toEqual([null, null]);
  });

  test('that does not heed the stop signal is killed after its grace', async () => {
    const part = await supervise({ ...program(`process.on('SIGTERM', () => {}); ${STAY}`), stopGraceMs: 100 }, watch);
    await part.stop();
    expect(pids().map(startOf)).toEqual([null]);
  });

  test('that ends before it serves fails the start, in its own words', async () => {
    const failing = { ...program("console.error('Error: no such table'); process.exit(3)"), isReady: async () => false };
    await expect(supervise(failing, watch)).rejects.toThrow(
      /^part ended while starting \(exit code 3\)\. It said: Error: no such table See .*part\.log$/,
    );
  });

  test('that takes along its children when stopped', async () => {
    const part = await supervise(
      program(
        `require('node:child_process').spawn(process.execPath, ['-e', 'console.log(process.pid); ${STAY}'], { stdio: 'inherit' }); ${STAY}`,
      ),
      watch,
    );
    await expect.poll(() => pids().length).toBe(2);
    await part.stop();
    expect(pids().map(startOf)).toEqual([null, null]);
  });

  test('that a killed launcher left is ended by the next start', async () => {
    const part = await supervise(program(STAY), watch);
    expect(await endLeftovers(join(folder, 'processes.json'), watch.stack)).toBe(1);
    expect(pids().map(startOf)[0]).toBeNull();
    await part.stop();
  });
});
