/** Several task runs that count together: all are committed, or what they did is undone. */
import type { ResultSerializer } from './results/serializer.ts';
import type { ResultStorage } from './results/storage.ts';

/** Called with the transaction, whose values it can read, and the result of the task run it belongs to. */
export type TransactionHook<R = unknown> = (transaction: Transaction, result: R) => unknown;

export type TransactionState = 'active' | 'staged' | 'committed' | 'rolled-back';

/** A transaction that code is in. */
export interface Transaction {
  readonly key: string | null;
  readonly state: TransactionState;
  /** Keeps a copy of a value for hooks and for nested transactions. */
  set(name: string, value: unknown): void;
  /** A copy of the value; of the enclosing transaction where this one has none. */
  get<T = unknown>(name: string): T | undefined;
  /** Called when it is committed, after those of its task runs. */
  onCommit(hook: (transaction: Transaction) => unknown): void;
  /** Called when it is rolled back, before those of its task runs; the latest first. */
  onRollback(hook: (transaction: Transaction) => unknown): void;
}

export interface TransactionOptions {
  /**
   * Idempotency key, 1 to 1,000 characters. Where a transaction of this key has been committed, in whatever run, the body
   * is not called and its result is given again.
   */
  readonly key?: string;
  /**
   * `lazy` (default): with the outermost transaction. `eager`: at its own end, whatever comes of the enclosing one. `off`:
   * never; it is rolled back at its end, for a trial.
   */
  readonly commit?: 'lazy' | 'eager' | 'off';
  /** `serializable`: of transactions of one key one runs at a time, in whatever process. Default: `read-committed`. */
  readonly isolation?: 'read-committed' | 'serializable';
  /** Call the body also when the key was committed, and replace its result. Default: no. */
  readonly overwrite?: boolean;
  /** Where results of keys are kept. Default: as for tasks. */
  readonly storage?: ResultStorage;
  /** Default: lossless. */
  readonly serializer?: ResultSerializer;
}

/**
 * Runs `body` as a transaction. When it throws, the `onRollback` hooks of the task runs that completed in it are called,
 * the latest first, they are told as RolledBack, and the error goes on. Else their `onCommit` hooks are called.
 * @example
 * await transaction({ key: `import ${day}` }, async (txn) => {
 *   txn.set('file', await upload(day));          // upload: a task with `onRollback: (txn) => remove(txn.get('file'))`
 *   await register(day);
 * });
 * @throws what the body throws; TransactionError when it could not be committed and was rolled back.
 */
export function transaction<R>(body: (transaction: Transaction) => R): Promise<Awaited<R>>;
export function transaction<R>(options: TransactionOptions, body: (transaction: Transaction) => R): Promise<Awaited<R>>;
export async function transaction<R>(
  first: TransactionOptions | ((transaction: Transaction) => R),
  second?: (transaction: Transaction) => R,
): Promise<Awaited<R>> {
  const { runTransaction } = await import('./engine/transactions/run-transaction.ts');
  return typeof first === 'function' ? runTransaction({}, first) : runTransaction(first, second as (transaction: Transaction) => R);
}
