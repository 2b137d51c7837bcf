/** A step whose task has a cache: a kept result that still counts, else the task is run and its result kept for others. */
import { fingerprint } from '../../results/fingerprint.ts';
import { resultSettings } from '../../results/settings.ts';
import { withStorageLock } from '../../results/storage-lock.ts';
import { decodeStored } from '../../results/stored-result.ts';
import type { Execution } from '../execute-task.ts';
import { executeTaskRun } from '../execute-task.ts';
import { describeError } from '../failure.ts';
import type { RunSession } from '../session.ts';
import type { StepCache } from './execute-kept.ts';
import { giveAgain } from './execute-kept.ts';
import type { Step } from './journal.ts';
import type { Keeping } from './result-policy.ts';
import type { RunResults } from './run-results.ts';

export interface CachedStep<R> {
  readonly session: RunSession;
  readonly execution: Execution<R>;
  readonly keeping: Keeping;
  readonly results: RunResults;
  readonly step: Step;
  readonly args: readonly unknown[];
  readonly cache: StepCache;
}

export async function executeCached<R>(cached: CachedStep<R>): Promise<R> {
  const { session, execution, keeping, results, step, cache } = cached;
  const { record, signal } = execution;
  const key = await keyOf(cached);
  const run = () => executeTaskRun(session, { ...execution, onResult: (value) => results.keep(record, step, keeping, value, entry) });
  const entry = key === null ? undefined : { key, expiresMs: cache.expiresMs };
  if (key === null || signal.aborted) return run();
  const refresh = cache.refresh ?? resultSettings().refresh;
  const found = refresh ? null : await find<R>(cached, key);
  if (found) return found.value;
  if (!cache.isSerializable) return run();
  const onWait = () => session.transition(record, 'PENDING', 'Pending', { message: 'waits for another call that makes the same result' });
  const storage = await results.storageOf(keeping);
  return withStorageLock(storage, key.replace(/^cache/, 'locks'), { signal, onWait }, async () => {
    const made = refresh ? null : await find<R>(cached, key);
    return made ? made.value : run();
  });
}

/** Null: this call is not cached, by its policy's word or because an input cannot be told from others. */
async function keyOf<R>({ execution, keeping, results, args, cache }: CachedStep<R>): Promise<string | null> {
  const { policy, task } = cache;
  try {
    const parts = await policy.parts({ task, source: cache.source(), args, run: execution.run });
    return parts && `cache/${fingerprint(policy.isShared ? parts : [task, parts])}`;
  } catch (error) {
    results.warn(execution.record, keeping, `it is not cached, since its key cannot be made: ${describeError(error)}`);
    return null;
  }
}

async function find<R>(cached: CachedStep<R>, key: string): Promise<{ value: R } | null> {
  const { session, execution, keeping, results, step } = cached;
  const { record } = execution;
  try {
    const storage = await results.storageOf(keeping);
    const bytes = await storage.get(key);
    const stored = bytes && decodeStored(bytes);
    if (!stored) return null;
    const { expiresAt, serializer, at } = stored.head;
    if (expiresAt !== null && expiresAt <= Date.now()) return null;
    const value = (await results.parse(serializer, keeping, stored.body)) as R;
    // For the next attempt of this run, which may come after it expired.
    await results
      .keepBody(step, keeping, serializer, stored.body)
      .catch((error) => results.warn(record, keeping, `it is not kept for another attempt of this run: ${describeError(error)}`));
    await giveAgain(session, execution, value, `from the cache: ${storage.name} ${key}, made ${new Date(at).toISOString()}`, null);
    return { value };
  } catch (error) {
    results.warn(record, keeping, `what is cached as ${key} could not be used, so it runs: ${describeError(error)}`);
    return null;
  }
}
