/**
 * Keeps the supervisor small: it waits most of its life beside other people's work. Called before anything else is loaded.
 *
 * Measured on Node 24, idle: 89 MB as it comes, 83 without the last optimizer, 78 with a young generation of 1 MiB besides.
 */
import { enableCompileCache } from 'node:module';
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';

const SMALL = ['--no-opt', '--max-semi-space-size=1', '--semi-space-growth-factor=1'];
/** A young generation of up to 16 MiB, as Node has it. */
const QUICK = ['--opt', '--semi-space-growth-factor=2'];
const LOOK_EVERY_MS = 1_000;
const BUSY_SHARE = 0.2;
/** So many quiet looks, and it is small again. */
const QUIET_LOOKS = 10;

export function keepSmall(): void {
  setFlags(SMALL);
  // From the second start on, the TypeScript stripper (a WebAssembly program) is not even loaded, if JavaScript came first (bin.mjs).
  enableCompileCache();
}

/**
 * In a flood of short runs a sixth of the supervisor's time went into collecting its young generation: while it is busy it may have more,
 * and gives it back when it has been quiet for a while.
 */
export function growWhileBusy(): void {
  let before = performance.eventLoopUtilization();
  let quietLooks = QUIET_LOOKS;
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const isBusy = performance.eventLoopUtilization(now, before).utilization > BUSY_SHARE;
    before = now;
    if (isBusy && quietLooks >= QUIET_LOOKS) setFlags(QUICK);
    if (isBusy) quietLooks = 0;
    else if (++quietLooks === QUIET_LOOKS) void shrink();
  }, LOOK_EVERY_MS);
  timer.unref();
}

async function shrink(): Promise<void> {
  setFlags([...SMALL, '--expose-gc']);
  const { runInNewContext } = await import('node:vm');
  const collect = runInNewContext('gc') as (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

function setFlags(flags: readonly string[]): void {
  for (const flag of flags) setFlagsFromString(flag);
}
