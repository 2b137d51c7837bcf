/** Runs a body as a transaction: its key, its isolation, its end. */
import { TransactionError } from '../../errors.ts';
import { fingerprint } from '../../results/fingerprint.ts';
import { jsonSerializer, losslessSerializer } from '../../results/serializer.ts';
import { resultSettings } from '../../results/settings.ts';
import type { ResultStorage } from '../../results/storage.ts';
import { withStorageLock } from '../../results/storage-lock.ts';
import { decodeStored, encodeStored } from '../../results/stored-result.ts';
import type { Transaction, TransactionOptions } from '../../transaction.ts';
import { findEngineContext, withContext } from '../context.ts';
import { describeError } from '../failure.ts';
import { contextOutsideRun } from '../outside-run.ts';
import { LiveTransaction } from './live-transaction.ts';

const KEY_MAX = 1_000;
const LOSSLESS = losslessSerializer();
const SERIALIZERS = new Map([LOSSLESS, jsonSerializer()].map((serializer) => [serializer.name, serializer]));

export async function runTransaction<R>(options: TransactionOptions, body: (transaction: Transaction) => R): Promise<Awaited<R>> {
  const ctx = findEngineContext() ?? contextOutsideRun();
  const parent = ctx.transaction ?? null;
  const { key = null, commit = 'lazy', isolation = 'read-committed', overwrite = false } = options;
  check(options, parent !== null);
  const storage = key === null ? null : (options.storage ?? (await resultSettings().storage()));
  const place = `transactions/${fingerprint(key)}`;
  const live = new LiveTransaction(key, parent, (error) => {
    ctx.session.log('error', `${nameOf(key)}: a hook failed while it was rolled back: ${describeError(error)}`, {
      task: ctx.task,
      system: true,
    });
  });

  const run = async (): Promise<Awaited<R>> => {
    const known = storage && !overwrite ? await read(storage, place, options) : null;
    if (known) {
      const made = new Date(known.at).toISOString();
      ctx.session.log('info', `${nameOf(key)} was committed ${made}: its result is given again`, { task: ctx.task, system: true });
      return known.value as Awaited<R>;
    }
    let result: Awaited<R>;
    try {
      result = await withContext({ ...ctx, transaction: live }, () => body(live));
    } catch (error) {
      await live.rollBack();
      throw error;
    }
    const write = () => storage && put(storage, place, result, options);
    if (commit === 'off') await live.rollBack();
    else if (parent && commit === 'lazy') {
      live.stage();
      await parent.join({ commit: () => live.commit(write), rollBack: () => live.rollBack() });
    } else await commitOrUndo(live, write);
    return result;
  };

  if (storage === null || isolation !== 'serializable') return run();
  const onWait = () => ctx.session.log('info', `${nameOf(key)} waits for another one of its key`, { task: ctx.task, system: true });
  return withStorageLock(storage, place.replace(/^transactions/, 'locks'), { signal: ctx.signal, onWait }, run);
}

function nameOf(key: string | null): string {
  return key === null ? 'the transaction' : `transaction "${key}"`;
}

function check({ key, commit, isolation, overwrite }: TransactionOptions, isNested: boolean): void {
  if (key !== undefined && (typeof key !== 'string' || key.length === 0 || key.length > KEY_MAX)) {
    throw new RangeError(`transaction: key: expected 1 to ${KEY_MAX} characters, got ${JSON.stringify(key)?.slice(0, 100)}`);
  }
  if (commit !== undefined && !['lazy', 'eager', 'off'].includes(commit)) {
    throw new RangeError(`transaction: commit: expected lazy, eager or off, got ${commit}`);
  }
  if (isolation !== undefined && !['read-committed', 'serializable'].includes(isolation)) {
    throw new RangeError(`transaction: isolation: expected read-committed or serializable, got ${isolation}`);
  }
  if (key === undefined && (isolation === 'serializable' || overwrite)) {
    throw new RangeError(`transaction: ${overwrite ? 'overwrite' : 'isolation'}: expected a key, which it is about`);
  }
  // Its lock would be given back before the enclosing one commits.
  if (isNested && isolation === 'serializable' && (commit ?? 'lazy') === 'lazy') {
    throw new RangeError('transaction: isolation: expected commit: "eager" for a serializable transaction inside another');
  }
}

async function commitOrUndo(live: LiveTransaction, write: () => unknown): Promise<void> {
  try {
    await live.commit(write);
  } catch (error) {
    await live.rollBack();
    throw new TransactionError(`${nameOf(live.key)} could not be committed, and was rolled back: ${describeError(error)}`, {
      cause: error,
    });
  }
}

async function put(storage: ResultStorage, place: string, value: unknown, options: TransactionOptions): Promise<void> {
  const serializer = options.serializer ?? LOSSLESS;
  const written = await serializer.serialize(value);
  const body = typeof written === 'string' ? Buffer.from(written) : written;
  const { maxBytes } = resultSettings();
  if (body.length > maxBytes) throw new RangeError(`its result has ${body.length} bytes, at most ${maxBytes} are kept`);
  const head = { v: 1, serializer: serializer.name, at: Date.now(), expiresAt: null, step: null, print: null, epoch: null } as const;
  await storage.put(place, encodeStored(head, body));
}

async function read(storage: ResultStorage, place: string, options: TransactionOptions): Promise<{ value: unknown; at: number } | null> {
  const bytes = await storage.get(place);
  if (bytes === null) return null;
  const stored = decodeStored(bytes);
  const name = stored?.head.serializer ?? '';
  const serializer = options.serializer?.name === name ? options.serializer : SERIALIZERS.get(name);
  // Not "never committed": then it would be done again.
  if (!stored || !serializer)
    throw new TransactionError(`transaction "${options.key}": what was committed (${storage.name} ${place}) cannot be read`);
  return { value: await serializer.parse(stored.body), at: stored.head.at };
}
