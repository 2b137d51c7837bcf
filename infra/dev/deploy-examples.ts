/** Registers every flow file below examples/, as `signalbox deploy` does. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { deploy } from '@signalbox/sdk';
import type { Client } from '@signalbox/sdk/client';
import { loadDeployments } from '../../sdk/src/deployments.ts';
import { ROOT } from './paths.ts';

const GONE = new Set(['ENOENT', 'ERR_MODULE_NOT_FOUND']);

/** Idempotent; answers the deployments' names, `weather/daily`. One that is taken away meanwhile is left out. */
export async function deployExamples(client: Client): Promise<string[]> {
  try {
    return await deployAll(client);
  } catch (error) {
    if (!GONE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return deployAll(client);
  }
}

async function deployAll(client: Client): Promise<string[]> {
  const folder = join(ROOT, 'examples');
  const files = readdirSync(folder)
    .map((name) => join(folder, name, 'flow.ts'))
    .filter((file) => existsSync(file));
  const definitions = await Promise.all(files.map((file) => loadDeployments(file)));
  const replies = await deploy(definitions.flat(), { client });
  return replies.map(({ deployment }) => `${deployment.flow.name}/${deployment.name}`);
}
