/** What was half done is undone: the hooks of finished tasks run, the latest first. */
import { flow, isTransactionError, memoryStorage, runContext, task, transaction } from '@signalbox/sdk';

const stored = new Set<string>();
const upload = task(
  { name: 'upload', onRollback: (_txn, file: string) => stored.delete(file), onCommit: (txn) => txn.get('log') },
  async (file: string) => {
    stored.add(file);
    return file;
  },
);
const register = task('register', async (ok: boolean) => {
  if (!ok) throw new Error('the registry is away');
});

const order: string[] = [];
const step = task(
  { name: 'step', onRollback: (txn, name: string) => order.push(`undo ${name} ${txn.get('why')}`) },
  async (name: string) => name,
);
const broken = task(
  {
    name: 'broken',
    onCommit: () => {
      throw new Error('the disk is full');
    },
  },
  async () => 1,
);
const storage = memoryStorage();

export const transactions = flow('transactions', async () => {
  stored.clear();
  const undone = await transaction(async () => {
    await upload('a.csv');
    await register(false);
  }).catch((error: unknown) => (isTransactionError(error) ? 'not committed' : 'rolled back'));
  await transaction({ commit: 'eager' }, async (txn) => {
    txn.set('log', 'b');
    await upload('b.csv');
    await register(true);
  });
  order.length = 0;
  await transaction(async (txn) => {
    txn.set('why', 'because');
    await step('a');
    await transaction(async () => void (await step('b'))); // counts with the one around it, and sees its values
    throw new Error('no');
  }).catch(() => {});
  const full = await transaction(async () => broken()).catch((error: unknown) => isTransactionError(error)); // could not be committed
  const key = `once ${runContext().run.id}`;
  let calls = 0;
  const once = () => transaction({ key, storage }, async () => ++calls);
  const keyed = [await once(), await once()]; // committed before: not done again
  await transaction({ commit: 'off' }, async () => void (await step('trial'))); // never committed
  return [undone, ...stored, order, full, keyed];
});

export const deployments = [transactions.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await transactions.cli(import.meta);
