/**
 * A parent with children: `regions` runs one `region` for each name, at once, and adds up what they give.
 *
 *   signalbox deploy examples/family/flow.ts && signalbox run regions/all --watch
 *
 * While `regions` does nothing but wait, it holds no slot: an agent with one slot runs it, and its children in turn.
 */
import { defineDeployments, flow, logger, runDeployment, task } from '@signalbox/sdk';
import { z } from 'zod';

const count = task({ name: 'count', retries: 2, retryDelay: '1s' }, async (name: string) => {
  logger.info(`counting ${name}`);
  return [...name].length;
});

export const region = flow({ name: 'region', parameters: z.object({ name: z.string().min(1) }) }, ({ name }) => count(name));

export const regions = flow(
  {
    name: 'regions',
    parameters: z.object({ names: z.array(z.string().min(1)).max(100).default(['north', 'south', 'east']) }),
    retries: 2,
    retryDelay: ['10s', '1m'],
    retryJitter: 0.2,
    // A name that no region has stays wrong, however often it is tried.
    retryWhen: (error) => !(error instanceof RangeError),
  },
  async ({ names }) => {
    const counted = await Promise.all(
      names.map((name) => runDeployment<number>('region/one', { parameters: { name }, tags: ['regions'], timeout: '10m' })),
    );
    return counted.reduce((sum, { result }) => sum + (result ?? 0), 0);
  },
);

export const deployments = defineDeployments([
  region.deployment({ name: 'one', pool: 'local' }),
  regions.deployment({ name: 'all', pool: 'local' }),
]);

await regions.cli(import.meta);
