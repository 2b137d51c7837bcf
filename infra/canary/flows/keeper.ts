/** Flows whose work needs a secret of the agent's machine, and which fail without telling it. */
import { writeFileSync } from 'node:fs';
import { defineDeployments, emitEvent, flow, logger, secret, task } from '@signalbox/sdk';
import { createClient } from '@signalbox/sdk/client';
import { z } from 'zod';

/** Set for agents by the sweep. */
const SECRET = 'WAREHOUSE_PASSWORD';

const connect = task({ name: 'connect' }, (database: string) => {
  const password = process.env[SECRET] ?? '';
  logger.info(`connecting to ${database} with a password of ${password.length} characters`);
  return password.length;
});

/** Reads a secret by reference, and tells it everywhere by mistake. */
export const referrer = flow({ name: 'referrer' }, async () => {
  const password = await secret('warehouse');
  logger.info(`with ${password}`);
  console.log(`with ${password}`);
  await emitEvent('warehouse.opened', { payload: { password } });
  throw new Error(`refused: ${password}`);
});

export const keeper = flow({ name: 'keeper', parameters: z.object({ database: z.string() }) }, async ({ database }) => {
  const length = await connect(database);
  if (database === 'missing') throw new Error('the warehouse refused the password');
  return length;
});

/** Asks the API by the token of its run, and tells it everywhere by mistake. `file`: where the sweep finds it, outside of what is swept. */
export const teller = flow({ name: 'teller', parameters: z.object({ file: z.string() }) }, async ({ file }) => {
  const token = process.env.SIGNALBOX_RUN_TOKEN ?? '';
  writeFileSync(file, token);
  const client = createClient();
  await client.variables.list.query({});
  logger.info(`with ${token}`);
  console.log(`with ${token}`);
  // In the wrong field, and asked for what a run may not.
  await client.runs.get.query({ run: token as never }).catch(() => {});
  await client.variables.get.query({ name: token.slice(0, 255) }).catch(() => {});
  throw new Error(`could not go on with ${token}`);
});

export const deployments = defineDeployments([
  teller.deployment({ name: 'canary', pool: 'local' }),
  referrer.deployment({ name: 'canary', pool: 'local' }),
  keeper.deployment({ name: 'canary', pool: 'local' }),
]);
