import pino from 'pino';
import { expect, test } from 'vitest';
import type { Child, Launcher } from '../launchers/launcher.ts';
import { residentBytes } from '../launchers/process-identity.ts';
import { WarmPool } from './warm-pool.ts';

const MIB = 2 ** 20;
const CODE = { digest: 'd1', source: {}, variables: {}, deployment: { id: 'dep' } } as never;

/** A child that serves `runs` runs, holding so much after each; after which of them it is told to go (null: none). */
function goesAfter(runs: number, bytesAfter: (run: number) => number | null): number | null {
  let told = false;
  const child = {
    id: 'c',
    pid: 7,
    isConnected: true,
    attach: () => {},
    send: ({ type }: { type: string }) => (told ||= type === 'retire'),
    kill: async () => {},
    gone: Promise.resolve(),
  } as unknown as Child;
  let run = 0;
  const pool = new WarmPool({
    launcher: {} as Launcher,
    log: pino({ level: 'silent' }),
    most: 1,
    mostIdle: 1,
    hasRoom: () => false,
    weigh: () => bytesAfter(run),
  });
  for (run = 1; run <= runs; run++) {
    pool.giveBack(child, CODE, { stdout: 0, stderr: 0 }, run);
    if (told) return run;
    pool.take(CODE);
  }
  return null;
}

test.each([
  ['whose memory stays serves ten thousand runs', 20_000, () => 90 * MIB, 10_000],
  ['that leaks goes when it is next weighed', 20_000, (run: number) => (90 + run) * MIB, 500],
  ['that leaks little goes when it has grown by 128 MiB', 20_000, (run: number) => (90 + run / 10) * MIB, 1_500],
  ['that cannot be weighed goes after 500', 20_000, () => null, 500],
  ['that cannot be weighed stays until then', 499, () => null, null],
] as const)('a reused child %s', (_name, runs, bytesAfter, expected) => {
  expect(goesAfter(runs, bytesAfter)).toBe(expected);
});

test.runIf(process.platform === 'linux')('a process is weighed as it says itself', () => {
  const [told, own] = [residentBytes(process.pid) ?? 0, process.memoryUsage.rss()];
  expect(told / own).toBeGreaterThan(0.5);
  expect(told / own).toBeLessThan(2);
  expect(residentBytes(2 ** 22 + 1)).toBeNull();
});
