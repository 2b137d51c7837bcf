/**
 * A step whose result is kept: given again when an earlier attempt of the run finished it, else taken from the cache
 * where the task has one, else run and kept.
 */
import type { Execution } from '../execute-task.ts';
import { executeTaskRun } from '../execute-task.ts';
import type { RunSession } from '../session.ts';
import type { Keeping, TaskCache } from './result-policy.ts';

/** A task's cache, and what its policies look at beside the arguments. */
export interface StepCache extends TaskCache {
  readonly task: string;
  readonly source: () => string;
}

export async function executeKept<R>(
  session: RunSession,
  execution: Execution<R>,
  keeping: Keeping,
  args: readonly unknown[],
  cache: StepCache | null,
): Promise<R> {
  const { record, signal } = execution;
  const results = await session.openResults();
  const step = results.stepOf(record, args);
  const replayed = signal.aborted ? null : await results.find(record, step, keeping);
  if (replayed) {
    giveAgain(session, execution, replayed.value, `not run again: it finished in an earlier attempt of this run (epoch ${replayed.epoch})`);
    return replayed.value as R;
  }
  if (cache) {
    const { executeCached } = await import('./execute-cached.ts');
    return executeCached({ session, execution, keeping, results, step, args, cache });
  }
  return executeTaskRun(session, { ...execution, onResult: (value) => results.keep(record, step, keeping, value) });
}

export function giveAgain(session: RunSession, { record }: Execution<unknown>, value: unknown, message: string): void {
  session.remember(value, record);
  session.transition(record, 'COMPLETED', 'Cached', { message, ends: true });
}
