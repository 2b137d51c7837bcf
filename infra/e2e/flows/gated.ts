/**
 * A flow for tests that end processes in the middle of a run: it notes every start of its code, works a little,
 * waits for a gate, and works on. `folder` holds the notes and the gate.
 */
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineDeployments, flow, logger, type RunContext, sleep, task } from '@signalbox/sdk';
import { z } from 'zod';

const GATE_POLL_MS = 25;

const step = task({ name: 'step' }, async (n: number) => {
  logger.info(`step ${n}`);
  return n * n;
});

const parameters = z.object({ folder: z.string(), steps: z.int().min(1).max(1_000).default(5) });

async function body({ folder, steps }: z.infer<typeof parameters>, ctx: RunContext): Promise<number> {
  appendFileSync(join(folder, 'starts'), `${ctx.run.id} ${ctx.run.epoch}\n`);
  const before = await step.map(numbers(steps));
  appendFileSync(join(folder, 'at-gate'), `${process.pid}\n`);
  while (!existsSync(join(folder, 'open'))) await sleep(GATE_POLL_MS);
  const after = await step.map(numbers(steps));
  return [...before, ...after].reduce((sum, n) => sum + n, 0);
}

export const gated = flow({ name: 'gated', parameters }, body);
/** The same, and worth another attempt. */
export const retried = flow({ name: 'retried', parameters, retries: 1 }, body);

/** Holds the process's one thread and ignores the wish to stop: only KILL ends it. */
export const stubborn = flow({ name: 'stubborn', parameters: z.object({ folder: z.string() }) }, ({ folder }) => {
  process.on('SIGTERM', () => {});
  appendFileSync(join(folder, 'at-gate'), `${process.pid}\n`);
  const block = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(join(folder, 'open'))) Atomics.wait(block, 0, 0, GATE_POLL_MS);
});

export const deployments = defineDeployments([
  gated.deployment({ name: 'test', pool: 'local' }),
  gated.deployment({ name: 'requeue', pool: 'local', onLostAgent: 'requeue' }),
  retried.deployment({ name: 'test', pool: 'local', onLostAgent: 'retry' }),
  stubborn.deployment({ name: 'test', pool: 'local' }),
]);

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
