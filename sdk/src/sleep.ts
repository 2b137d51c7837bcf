import type { Duration } from './duration.ts';
import { toMs } from './duration.ts';
import { type Clock, SYSTEM_CLOCK } from './engine/clock.ts';
import { findEngineContext } from './engine/context.ts';

/**
 * Waits. Inside a run it ends at once when the run is cancelled or times out.
 * @throws CancelledError or TimeoutError, the reason of the signal.
 */
export function sleep(duration: Duration, options: { signal?: AbortSignal } = {}): Promise<void> {
  const ctx = findEngineContext();
  return abortableDelay(toMs(duration, 'duration'), options.signal ?? ctx?.signal, ctx?.session.clock);
}

/** @internal */
export function abortableDelay(ms: number, signal: AbortSignal | undefined, clock: Clock = SYSTEM_CLOCK): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = wait(ms, clock, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Node's timers end at 24.8 days; a longer wait is made of several. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function wait(ms: number, clock: Clock, call: () => void): () => void {
  if (ms <= LONGEST_TIMER_MS) return clock.after(ms, call);
  let cancel = clock.after(LONGEST_TIMER_MS, () => {
    cancel = wait(ms - LONGEST_TIMER_MS, clock, call);
  });
  return () => cancel();
}
