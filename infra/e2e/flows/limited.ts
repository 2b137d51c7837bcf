/**
 * A flow for tests of limits: it notes when it enters and leaves what the limit `one` guards, and stays inside until its gate
 * opens. `folder` holds the notes and the gates, one a run by its `name`.
 */
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { concurrency, defineDeployments, flow, limit, sleep, task } from '@signalbox/sdk';
import { z } from 'zod';

const GATE_POLL_MS = 10;
const parameters = z.object({ folder: z.string(), name: z.string() });

limit({ name: 'one', slots: 1 });
limit({ name: 'tag:careful', slots: 2 });

export const limited = flow({ name: 'limited', parameters }, async ({ folder, name }) => {
  const note = (what: string) => appendFileSync(join(folder, 'notes'), `${name} ${what} ${Date.now()} ${process.pid}\n`);
  note('asks');
  await concurrency('one', { strict: true }, async () => {
    note('enters');
    while (!existsSync(join(folder, `${name}-open`))) await sleep(GATE_POLL_MS);
    note('leaves');
  });
});

const careful = task({ name: 'careful', tags: ['careful'] }, async (n: number, folder: string) => {
  appendFileSync(join(folder, 'tagged'), `+${n}\n`);
  await sleep(50);
  appendFileSync(join(folder, 'tagged'), `-${n}\n`);
});

export const tagged = flow({ name: 'tagged', parameters }, async ({ folder }) => {
  await careful.map([1, 2, 3, 4, 5, 6, 7, 8], { args: [folder] });
});

export const deployments = defineDeployments([
  limited.deployment({ name: 'test', pool: 'local' }),
  tagged.deployment({ name: 'test', pool: 'local' }),
]);
