import type { RunId } from '@signalbox/proto';
import type { RunDetail } from '@signalbox/proto/api';
import { TimeoutError } from '../errors.ts';
import type { RunUpdate, WatchRunOptions } from './run-update.ts';

/** How long to wait for a run's end. */
export interface WaitForRunOptions {
  /** Milliseconds; default: as long as it takes. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** The run, once it has ended in whatever state. The wait costs no open connection beyond one live stream. */
export async function waitForRun(
  watch: (run: RunId, options: WatchRunOptions) => AsyncGenerator<RunUpdate, void>,
  run: RunId,
  options: WaitForRunOptions = {},
): Promise<RunDetail> {
  const { timeoutMs } = options;
  const limit = timeoutMs === undefined ? null : AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([options.signal, limit].filter((each) => each != null));
  let last: RunDetail | null = null;
  for await (const update of watch(run, { signal, tasks: false, logs: false })) {
    if (update.kind === 'run') last = update.run;
  }
  options.signal?.throwIfAborted();
  if (limit?.aborted || last === null) {
    const state = last ? `it is ${last.state.name}` : 'its state could not be read';
    throw new TimeoutError(`run ${run} has not ended within ${timeoutMs} ms: ${state}`, { timeoutMs: timeoutMs ?? null });
  }
  return last;
}
