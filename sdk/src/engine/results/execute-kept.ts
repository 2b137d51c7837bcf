/**
 * A step whose result is kept: given again when an earlier attempt of the run finished it, else taken from the cache
 * where the task has one, else run and kept.
 */
import type { Execution } from '../execute-task.ts';
import { executeTaskRun, joinTransaction, startSpan } from '../execute-task.ts';
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
    await giveAgain(
      session,
      execution,
      replayed.value,
      `not run again: it finished in an earlier attempt of this run (epoch ${replayed.epoch})`,
      () => results.revoke(step, keeping),
    );
    return replayed.value as R;
  }
  if (cache) {
    const { executeCached } = await import('./execute-cached.ts');
    return executeCached({ session, execution, keeping, results, step, args, cache });
  }
  return executeTaskRun(session, { ...execution, onResult: (value) => results.keep(record, step, keeping, value) });
}

/** A result that was not made now. In a transaction it is committed and undone as one that was, save where it came from the cache. */
export async function giveAgain(
  session: RunSession,
  execution: Execution<unknown>,
  value: unknown,
  message: string,
  revoke: (() => Promise<unknown>) | null,
): Promise<void> {
  const { record } = execution;
  session.remember(value, record);
  session.transition(record, 'COMPLETED', 'Cached', { message, ends: true });
  // Nothing ran: the span says that it was asked for.
  if (session.tracer) startSpan(session, session.tracer, record).end({ 'signalbox.state': 'Cached', 'signalbox.cached': true });
  if (revoke && execution.transaction) await joinTransaction(session, execution, value, { revoke });
}
