/** Flows that wait for a person, for end-to-end tests. Each task leaves a line in `folder` when its code runs. */
import { appendFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineDeployments, flow, localStorage, pause, sleep, suspend, task } from '@signalbox/sdk';
import { z } from 'zod';

const parameters = z.object({ folder: z.string(), timeout: z.number().optional() });
const input = z.object({ amount: z.number().int() });

const step = task({ name: 'step' }, (folder: string, name: string, value: number) => {
  appendFileSync(join(folder, 'steps'), `${name}\n`);
  return value;
});

export const paused = flow({ name: 'waits-paused', parameters, timeout: '8s' }, async ({ folder, timeout }) => {
  const before = await step(folder, 'before', 1);
  const { amount } = await pause({ key: 'amount', message: 'How much?', input, timeout });
  return before + amount + (await step(folder, 'after', 10));
});

/** Its results lie where both agents of the test can read them. */
const resultStorage = localStorage(join(tmpdir(), 'signalbox-e2e-results'));

export const suspended = flow({ name: 'waits-suspended', parameters, resultStorage }, async ({ folder, timeout }) => {
  const before = await step(folder, 'before', 1);
  const { amount } = await suspend({ key: 'amount', message: 'How much?', input, timeout });
  return before + amount + (await step(folder, 'after', 10));
});

/** Goes from step to step until the file `stop` is there. */
export const stepping = flow({ name: 'steps', parameters }, async ({ folder }) => {
  for (let i = 1; !existsSync(join(folder, 'stop')); i++) {
    await step(folder, `step ${i}`, i);
    await sleep(100);
  }
  return 'stopped';
});

/** Blocks its event loop for good. */
export const blocked = flow({ name: 'blocks', parameters, timeout: '1s' }, async ({ folder }) => {
  await step(folder, 'before', 1);
  for (;;);
});

export const deployments = defineDeployments(
  [paused, suspended, stepping, blocked].map((each) => each.deployment({ name: 'test', pool: 'local' })),
);
