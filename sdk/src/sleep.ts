import type { Duration } from './duration.ts';
import { toMs } from './duration.ts';
import { findEngineContext } from './engine/context.ts';

/**
 * Waits. Inside a run it ends at once when the run is cancelled or times out.
 * @throws CancelledError or TimeoutError, the reason of the signal.
 */
export function sleep(duration: Duration, options: { signal?: AbortSignal } = {}): Promise<void> {
  return abortableDelay(toMs(duration, 'duration'), options.signal ?? findEngineContext()?.signal);
}

/** @internal */
export function abortableDelay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
