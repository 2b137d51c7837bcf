import type { Operation, TRPCLink } from '@trpc/client';
import { TRPCClientError } from '@trpc/client';
import type { Unsubscribable } from '@trpc/server/observable';
import { observable } from '@trpc/server/observable';
import type { AppRouter } from '../router.ts';
import type { SignalboxError } from '../signalbox-error.ts';
import { toSignalboxError } from '../to-signalbox-error.ts';

/** How calls that may be repeated are repeated. */
export interface RetryOptions {
  /** Further attempts after the first. Default 3. */
  retries: number;
  /** First wait, milliseconds; doubles each time. Default 200. */
  minDelayMs: number;
  /** Longest wait, milliseconds; a longer `retryAfterMs` of the server ends the attempts. Default 5000. */
  maxDelayMs: number;
}

/**
 * Repeats calls that found no server, or a server that asked for patience, as long as repeating cannot do a thing
 * twice: queries, and mutations that carry an idempotency key.
 */
export function retry(options: RetryOptions & { url: string }): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        let attempt = 0;
        let timer: ReturnType<typeof setTimeout> | undefined;
        let call: Unsubscribable | undefined;
        const start = () => {
          attempt++;
          call = next(op).subscribe({
            next: (value) => observer.next(value),
            complete: () => observer.complete(),
            error: (thrown) => {
              const waitMs =
                mayRepeat(op) && !op.signal?.aborted ? waitBefore(toSignalboxError(thrown, options.url), attempt, options) : null;
              if (waitMs === null) return observer.error(thrown);
              timer = setTimeout(start, waitMs);
            },
          });
        };
        // A caller that gives up is told at once, not after the wait or the rest of a batch.
        const onAbort = () => {
          clearTimeout(timer);
          call?.unsubscribe();
          observer.error(TRPCClientError.from(op.signal?.reason));
        };
        op.signal?.addEventListener('abort', onAbort, { once: true });
        start();
        return () => {
          op.signal?.removeEventListener('abort', onAbort);
          clearTimeout(timer);
          call?.unsubscribe();
        };
      });
}

function mayRepeat(op: Operation): boolean {
  if (op.type === 'query') return true;
  return typeof op.input === 'object' && op.input !== null && 'idempotencyKey' in op.input && op.input.idempotencyKey !== undefined;
}

/** Milliseconds to wait before attempt number `attempt` + 1; null: give up. Pure but for the jitter. */
export function waitBefore(error: SignalboxError, attempt: number, options: RetryOptions, random = Math.random): number | null {
  if (attempt > options.retries) return null;
  if (error.code !== 'UNAVAILABLE' && !(error.code === 'LIMIT_EXCEEDED' && error.retryAfterMs !== null)) return null;
  const ceiling = Math.min(options.maxDelayMs, options.minDelayMs * 2 ** (attempt - 1));
  // Half fixed, half random: never at once, never all clients at one instant.
  const waitMs = Math.round(ceiling / 2 + (ceiling / 2) * random());
  if (error.retryAfterMs === null) return waitMs;
  return error.retryAfterMs > options.maxDelayMs ? null : error.retryAfterMs + waitMs;
}
