/** A cached task answers calls with what an earlier one gave, in this run or in another. */
import { cachePolicy, flow, runContext, sleep, task } from '@signalbox/sdk';

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

const brief = task({ name: 'brief', cache: { policy: policy.and(cachePolicy.taskSource()), expires: '1ms' } }, async () => ++made);
const perDay = task(
  { name: 'per-day', cache: { policy: cachePolicy.flowParameters().and(cachePolicy.runId()) } },
  async (_n: number) => ++made,
);
const unknowable = task({ name: 'unknowable', cache: { policy } }, async (give: () => number) => give());

/** Asking for a cache and for no results is an error. */
const isRefused = () => {
  try {
    task({ name: 'inert', cache: {}, persistResult: false }, async () => 1);
    return false;
  } catch (error) {
    return error instanceof RangeError;
  }
};

export const caching = flow('caching', async () => {
  made = 0;
  await rate({ day: 'Monday', token: 'a' });
  await rate({ day: 'Monday', token: 'b' }); // Cached: the token does not count
  await rate.with({ cache: { policy, refresh: true } })({ day: 'Monday', token: 'c' }); // made anew, and kept
  await never();
  await never();
  await Promise.all([shared(), shared()]); // one runs, the other waits for its result
  runContext().logger.info(`${made} were made`);
  const before = made;
  await brief();
  await sleep('5ms');
  await brief(); // expired: made anew
  await perDay(1);
  await perDay(2); // Cached: the argument does not count, the parameters of the flow do
  const given = [await unknowable(() => 1), await unknowable(() => 2)]; // what cannot be told apart is run, with a warning
  return { made: before, later: made - before, given, refused: isRefused() };
});

export const deployments = [caching.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await caching.cli(import.meta);
