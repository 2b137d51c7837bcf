/** A step whose result is kept: given again when an earlier attempt of the run finished it, else run and kept. */
import type { Execution } from '../execute-task.ts';
import { executeTaskRun } from '../execute-task.ts';
import type { RunSession } from '../session.ts';
import type { Keeping } from './result-policy.ts';

export async function executeKept<R>(session: RunSession, execution: Execution<R>, keeping: Keeping, args: readonly unknown[]): Promise<R> {
  const { record, signal } = execution;
  const results = await session.openResults();
  const step = results.stepOf(record, args);
  const replayed = signal.aborted ? null : await results.find(record, step, keeping);
  if (replayed) {
    session.remember(replayed.value, record);
    const message = `not run again: it finished in an earlier attempt of this run (epoch ${replayed.epoch})`;
    session.transition(record, 'COMPLETED', 'Cached', { message, ends: true });
    return replayed.value as R;
  }
  return executeTaskRun(session, { ...execution, onResult: (value) => results.keep(record, step, keeping, value) });
}
