/** What a flow and a task may say of themselves. Everything but the name has a default. */
import { exponentialBackoff, flow, task } from '@signalbox/sdk';
import { z } from 'zod';

const price = task(
  {
    name: 'price',
    retries: 2,
    retryDelay: exponentialBackoff({ initial: '10ms' }),
    timeout: '5s',
    tags: ['shop'],
    runName: 'price of {0}', // or a function: (item) => `price of ${item}`
  },
  async (item: string) => item.length * 10,
);

export const options = flow(
  {
    name: 'options',
    description: 'Adds up prices',
    runName: ({ items }) => `prices of ${items.join(' and ')}`, // or a template: 'prices of {items}'
    parameters: z.object({ items: z.array(z.string()).min(1).default(['tea', 'bread']), discount: z.coerce.number().default(0) }),
    retries: 1,
    timeout: '1m',
  },
  async ({ items, discount }) => {
    let sum = 0;
    for (const item of items) sum += await price(item);
    return sum - discount;
  },
);

// Without `version` it has the digest of all sources of its project.
export const deployments = [options.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await options.cli(import.meta);
