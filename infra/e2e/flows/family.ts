/** Parents that run children through another deployment. `folder` holds notes of what started, and gates. */
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineDeployments, flow, logger, runDeployment, sleep } from '@signalbox/sdk';
import { createClient, type SignalboxError } from '@signalbox/sdk/client';
import { z } from 'zod';

const GATE_POLL_MS = 25;

/** Notes its start and end, waits for the gate of its number when it has one, and gives the square. */
export const kid = flow(
  {
    name: 'kid',
    parameters: z.object({ folder: z.string(), n: z.int(), isGated: z.boolean().default(false), fails: z.boolean().default(false) }),
  },
  async ({ folder, n, isGated, fails }) => {
    appendFileSync(join(folder, 'starts'), `${n} ${process.pid}\n`);
    while (isGated && !existsSync(join(folder, `open-${n}`))) await sleep(GATE_POLL_MS);
    if (fails && !existsSync(join(folder, 'mended'))) throw new Error(`kid ${n} is broken`);
    appendFileSync(join(folder, 'ends'), `${n}\n`);
    return n * n;
  },
);

const common = { folder: z.string(), isGated: z.boolean().default(false), failing: z.int().default(0) };

/** Runs its children one after the other, or at once. */
export const family = flow(
  { name: 'family', parameters: z.object({ ...common, children: z.int().min(1), atOnce: z.boolean().default(false) }) },
  async ({ folder, children, atOnce, isGated, failing }, { run }) => {
    appendFileSync(join(folder, 'parents'), `${run.epoch} ${process.pid}\n`);
    const call = (n: number) =>
      runDeployment<number>('kid/test', { parameters: { folder, n, isGated, fails: n === failing } }).then(({ result }) => result ?? 0);
    const numbers = Array.from({ length: children }, (_, index) => index + 1);
    if (atOnce) return sum(await Promise.all(numbers.map(call)));
    const results: number[] = [];
    for (const n of numbers) results.push(await call(n));
    return sum(results);
  },
);

/** Asks the API without a key of its own, says by mistake with what, and keeps that where the test finds it. */
export const asking = flow({ name: 'asking', parameters: z.object({ folder: z.string() }) }, async ({ folder }, { run }) => {
  const client = createClient();
  const me = await client.me.get.query();
  await client.events.emit.mutate({ events: [{ name: 'asking.done', payload: {}, resource: { id: run.id } }] });
  const child = await client.runs.create.mutate({ deployment: 'kid/test', parameters: { folder, n: 3 } });
  const refused = await client.agents.list.query({}).catch((error: SignalboxError) => error.code);
  const token = process.env.SIGNALBOX_RUN_TOKEN ?? '';
  writeFileSync(join(folder, 'token'), token);
  logger.info(`asked with ${token}`);
  console.log(`asked with ${token}`);
  return { actor: me.actor.kind, child: child.id, refused, own: (await client.runs.get.query({ run: run.id })).name === run.name };
});

export const deployments = defineDeployments([
  asking.deployment({ name: 'test', pool: 'local' }),
  kid.deployment({ name: 'test', pool: 'local' }),
  family.deployment({ name: 'test', pool: 'local' }),
]);

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
