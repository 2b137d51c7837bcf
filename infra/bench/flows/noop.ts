/** Flows that do next to nothing, and say when their code was called. */
import { flow, task } from '@signalbox/sdk';
import { z } from 'zod';

/** Unix milliseconds with a fraction, of this process's monotonic clock. */
const now = () => performance.timeOrigin + performance.now();

export const noop = flow('bench-noop', () => now());

/** Holds its slots for 20 ms; answers when its code was called and when it went. */
export const brief = flow('bench-brief', async () => {
  const from = now();
  await new Promise((resolve) => setTimeout(resolve, 20));
  return [from, now()];
});

const nothing = task({ name: 'nothing' }, (n: number) => n);
const parameters = z.object({ tasks: z.number().int().min(0).max(100_000) });

/** So many mapped no-op tasks; answers how long the mapping took, milliseconds. */
export const mapped = flow({ name: 'bench-mapped', parameters }, async ({ tasks }) => {
  const from = performance.now();
  await nothing.map(Array.from({ length: tasks }, (_, index) => index)).results();
  return performance.now() - from;
});

/** The same, submitted one by one and awaited together. */
export const submitted = flow({ name: 'bench-submitted', parameters }, async ({ tasks }) => {
  const from = performance.now();
  await Promise.all(Array.from({ length: tasks }, (_, index) => nothing.submit(index)));
  return performance.now() - from;
});

/** The same, each after the one before. */
export const inARow = flow({ name: 'bench-in-a-row', parameters }, async ({ tasks }) => {
  const from = performance.now();
  for (let index = 0; index < tasks; index++) await nothing(index);
  return performance.now() - from;
});
