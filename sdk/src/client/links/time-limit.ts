import type { TRPCLink } from '@trpc/client';
import { TRPCClientError } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import type { AppRouter } from '../router.ts';
import { SignalboxError } from '../signalbox-error.ts';

/**
 * Ends one attempt of a call after `timeoutMs` with UNAVAILABLE. It stands under the retry link, so the limit is per
 * attempt; a call batched with a slow one is given up without waiting for the batch.
 */
export function timeLimit(options: { timeoutMs: number; url: string }): TRPCLink<AppRouter> {
  const { timeoutMs, url } = options;
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        const limit = new AbortController();
        const signal = op.signal ? AbortSignal.any([op.signal, limit.signal]) : limit.signal;
        const timer = setTimeout(() => {
          const message = `${url} did not answer ${op.path} within ${timeoutMs} ms`;
          observer.error(TRPCClientError.from(new SignalboxError({ code: 'UNAVAILABLE', message })));
          limit.abort();
        }, timeoutMs);
        const call = next({ ...op, signal }).subscribe(observer);
        return () => {
          clearTimeout(timer);
          call.unsubscribe();
        };
      });
}
