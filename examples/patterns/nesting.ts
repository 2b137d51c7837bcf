/** A flow called in a flow is its own box with its own parameters; a task may call tasks. */
import { flow, isTaskFailed, task } from '@signalbox/sdk';
import { z } from 'zod';

const row = task('row', async (n: number) => n * 2);
const page = task('page', async (n: number) => (await row(n)) + (await row(n + 1)));

const inner = flow({ name: 'inner', parameters: z.object({ from: z.number() }) }, async ({ from }) => page(from));

const late = task('late', async () => {
  throw new Error('nobody looked');
});
const careless = flow('careless', async () => void late.submit()); // ends after what it started, and fails with it

class Importer {
  readonly #factor = 3;
  readonly run = task('import', async (n: number) => n * this.#factor); // a method that is a task
}

async function* pages() {
  for (const n of [1, 2]) yield await page(n); // tasks in a generator
}

export const nesting = flow('nesting', async () => {
  const sums = [await inner({ from: 1 }), await inner({ from: 10 })];
  for await (const sum of pages()) sums.push(sum);
  const failed = await careless().catch((error: unknown) => isTaskFailed(error)); // seen here: this flow completes
  return [...sums, await new Importer().run(5), failed];
});

export const deployments = [nesting.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await nesting.cli(import.meta);
