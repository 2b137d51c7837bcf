/**
 * A nightly import that survives its failures: what finished is not done again, rates are cached for an hour, and a store
 * that was half filled is emptied before the next attempt.
 *
 * `node examples/resume/flow.ts --param failAt=publish` fails once in the middle and resumes; under an agent the same
 * happens when its process is killed.
 */
import { allowFailure, cachePolicy, completed, flow, logger, memoryStorage, runContext, task, transaction, unmapped } from '@signalbox/sdk';
import { z } from 'zod';

const storage = memoryStorage();
const store = new Map<string, bigint>();

const rate = task(
  { name: 'rate', cache: { policy: cachePolicy.inputs(), expires: '1h', isolation: 'serializable' }, resultStorage: storage },
  async (currency: string) => ({ currency, perEuro: currency === 'CHF' ? 94n : 117n }),
);

const fetchOrders = task({ name: 'fetch-orders', runName: (shop) => `orders of ${shop}` }, async (shop: string, days: readonly Date[]) => {
  if (shop === 'Bern') throw new Error('Bern is closed for inventory');
  return new Map(days.map((day) => [day.toISOString().slice(0, 10), BigInt(shop.length * 100)]));
});

const total = task('total', (orders: Map<string, bigint> | Error, { perEuro }: { perEuro: bigint }) => {
  if (orders instanceof Error) return completed({ name: 'Skipped', message: orders.message, data: 0n });
  return completed({ data: ([...orders.values()].reduce((sum, cents) => sum + cents, 0n) * 100n) / perEuro });
});

const save = task({ name: 'save', onRollback: (_txn, key: string) => store.delete(key) }, async (key: string, value: bigint) => {
  store.set(key, value);
  return key;
});

const publish = task('publish', async (failAt: string | undefined) => {
  if (failAt === 'publish' && runContext().run.attempt === 1) throw new Error('the newspaper did not answer');
  return store.size;
});

const parameters = z.object({ shops: z.array(z.string()).default(['Basel', 'Bern', 'Chur']), failAt: z.string().optional() });

export const nightly = flow({ name: 'nightly-import', parameters, retries: 1 }, async ({ shops, failAt }) => {
  const franc = await rate('CHF');
  const orders = fetchOrders.map(shops, unmapped([new Date(0), new Date(86_400_000)]));
  const totals = await Promise.all([...orders].map((future) => total(allowFailure(future), franc)));
  return transaction(async () => {
    await save.map(shops, totals).results();
    const saved = await publish(failAt);
    logger.info(`published ${saved} totals`, { sum: String(totals.reduce((sum, cents) => sum + cents, 0n)) });
    return saved;
  });
});

export const deployments = [nightly.deployment({ name: 'nightly', pool: 'local' })];

await nightly.cli(import.meta);
