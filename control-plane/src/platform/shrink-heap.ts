/**
 * Loading the program, or a flood of requests, leaves a heap several times as large as what lives in it, and V8 keeps that: 190 MB
 * for 55. So it is given back once after the start, and whenever the process has idled for a while with much to give.
 */
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const LOOK_EVERY_MS = 5_000;
/** The collection stops the process for some 100 ms: only where so much is to be had, and nobody waits. */
const WORTH_BYTES = 32 * 1024 * 1024;
const IDLE_SHARE = 0.1;

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

export function shrinkHeapWhenIdle(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    const { heapTotal, heapUsed } = process.memoryUsage();
    if (utilization < IDLE_SHARE && heapTotal - heapUsed > WORTH_BYTES)
      collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  }, LOOK_EVERY_MS);
  timer.unref();
}
