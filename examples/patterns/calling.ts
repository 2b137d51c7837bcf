/** Three ways to call a task: and wait, start it and go on, and once for each item of a list. */
import { all, asCompleted, flow, isTimeout, sleep, task } from '@signalbox/sdk';

const square = task('square', async (n: number) => n * n);
const slow = task('slow', async () => void (await sleep('200ms')));

const outside = await square(10); // outside of any run it is a function, with its retries and its timeout

const gaveUp = async () => {
  try {
    for await (const _ of asCompleted([slow.submit()], { timeout: '10ms' }));
    return false;
  } catch (error) {
    return isTimeout(error); // the task itself goes on
  }
};

export const calling = flow('calling', async () => {
  const one = await square(1); // inline
  const two = square.submit(2); // a future: await it, or hand it to a task
  const three = await square(two); // 4 * 4, after `two`
  const many = square.map([3, 4]); // futures, in the order of the list
  const both = await all([square.submit(5), square.submit(6)]);
  const plain = await Promise.all([square(7), square(8)]);
  let ended = 0;
  for await (const future of asCompleted(many)) ended += await future;
  const raw = square.fn(9); // the function itself, no task run
  const twice = await square.with({ name: 'nine' })(9); // changed options
  return [one, await two, three, ended, ...both, ...plain, await raw, twice, outside, await gaveUp()];
});

export const deployments = [calling.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await calling.cli(import.meta);
