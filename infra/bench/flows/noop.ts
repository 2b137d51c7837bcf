/** Flows that do nothing, and say when their code was called. */
import { flow, task } from '@signalbox/sdk';

/** Unix milliseconds with a fraction, of this process's monotonic clock. */
const now = () => performance.timeOrigin + performance.now();

export const noop = flow('bench-noop', () => now());

const nothing = task({ name: 'nothing' }, (n: number) => n);

/** 1,000 mapped no-op tasks; answers how long the mapping took, milliseconds. */
export const mapped = flow('bench-mapped', async () => {
  const from = performance.now();
  await nothing.map(Array.from({ length: 1_000 }, (_, index) => index));
  return performance.now() - from;
});
