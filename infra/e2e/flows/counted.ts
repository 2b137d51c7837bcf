/** A flow for tests that break what is around it: a line for each start of its code, and one for each end. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineDeployments, flow, type RunContext, sleep, task } from '@signalbox/sdk';
import { z } from 'zod';

const step = task({ name: 'step' }, async (n: number) => n * n);
const parameters = z.object({ folder: z.string(), ms: z.int().min(0).max(60_000) });

export const counted = flow({ name: 'counted', parameters }, async ({ folder, ms }, ctx: RunContext) => {
  appendFileSync(join(folder, 'starts'), `${ctx.run.id}\n`);
  await step.map([1, 2]);
  await sleep(ms);
  appendFileSync(join(folder, 'ends'), `${ctx.run.id}\n`);
  return ms;
});

export const deployments = defineDeployments([counted.deployment({ name: 'test', pool: 'local', isolation: 'reuse' })]);
