/** What was half done is undone: the hooks of finished tasks run, the latest first. */
import { flow, isTransactionError, task, transaction } from '@signalbox/sdk';

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
  return [undone, ...stored];
});

export const deployments = [transactions.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await transactions.cli(import.meta);
