/** Flows whose work needs a secret of the agent's machine, and which fail without telling it. */
import { defineDeployments, flow, logger, task } from '@signalbox/sdk';
import { z } from 'zod';

/** Set for agents by the sweep. */
const SECRET = 'WAREHOUSE_PASSWORD';

const connect = task({ name: 'connect' }, (database: string) => {
  const password = process.env[SECRET] ?? '';
  logger.info(`connecting to ${database} with a password of ${password.length} characters`);
  return password.length;
});

export const keeper = flow({ name: 'keeper', parameters: z.object({ database: z.string() }) }, async ({ database }) => {
  const length = await connect(database);
  if (database === 'missing') throw new Error('the warehouse refused the password');
  return length;
});

export const deployments = defineDeployments([keeper.deployment({ name: 'canary', pool: 'local' })]);
