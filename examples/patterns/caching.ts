/** A cached task answers calls with what an earlier one gave, in this run or in another. */
import { cachePolicy, flow, runContext, task } from '@signalbox/sdk';

let made = 0;
const policy = cachePolicy.inputs({ exclude: ['token'] }).and(cachePolicy.runId());
const rate = task({ name: 'rate', cache: { policy, expires: '1h' } }, async ({ day }: { day: string; token: string }) => {
  made++;
  return day.length;
});
const never = task({ name: 'never', cache: { policy: cachePolicy.none() } }, async () => ++made);
const shared = task(
  { name: 'shared', cache: { policy: cachePolicy.custom(({ run }) => `figures of ${run.id}`), isolation: 'serializable' } },
  async () => ++made,
);

export const caching = flow('caching', async () => {
  made = 0;
  await rate({ day: 'Monday', token: 'a' });
  await rate({ day: 'Monday', token: 'b' }); // Cached: the token does not count
  await rate.with({ cache: { policy, refresh: true } })({ day: 'Monday', token: 'c' }); // made anew, and kept
  await never();
  await never();
  await Promise.all([shared(), shared()]); // one runs, the other waits for its result
  runContext().logger.info(`${made} were made`);
  return made;
});

export const deployments = [caching.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await caching.cli(import.meta);
