/** Lists go item by item and have one length; texts and what is `unmapped` are the same for every run. */
import { flow, task, unmapped } from '@signalbox/sdk';

const list = task('list', async (n: number) => Array.from({ length: n }, (_, i) => i + 1));
const scale = task('scale', async (n: number, factor: number, unit: string) => `${n * factor} ${unit}`);
const total = task('total', async (numbers: number[], weights: number[]) => numbers.length * weights.length);

const attempt = async (body: () => PromiseLike<unknown>) => {
  try {
    return await body();
  } catch (error) {
    return error instanceof RangeError;
  }
};

export const mapping = flow('mapping', async () => {
  const pairs = await scale.map([1, 2], [10, 100], 'kg');
  const ofFuture = await scale.map(list.submit(2), unmapped(5), 'cm'); // how many is known when `list` has ended
  const constant = await total.map([[1], [1, 2]], unmapped([1, 2, 3])); // a list that is not gone through
  const refused = await attempt(() => scale.map([1, 2], [1, 2, 3], 'm')); // lists of different lengths
  const few = await scale.map([1, 2, 3], { args: [2, 'l'], concurrency: 1 }); // one at a time
  return { pairs, ofFuture, constant, refused, few };
});

export const deployments = [mapping.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await mapping.cli(import.meta);
