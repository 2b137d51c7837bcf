'use client';
/** The clock that pages read. Its first value comes from the server, so that hydration finds the same text. */
import { createContext, type ReactNode, useCallback, useContext, useSyncExternalStore } from 'react';

const FirstNow = createContext(0);

export function NowProvider({ renderedAtMs, children }: { renderedAtMs: number; children: ReactNode }) {
  return <FirstNow value={renderedAtMs}>{children}</FirstNow>;
}

const tickers = new Map<number, { listeners: Set<() => void>; timer: ReturnType<typeof setInterval> }>();

/** One interval per period, however many components watch: a list of a thousand rows ticks once. */
function subscribe(everyMs: number, listener: () => void): () => void {
  let ticker = tickers.get(everyMs);
  if (!ticker) {
    const listeners = new Set<() => void>();
    const timer = setInterval(() => {
      for (const each of listeners) each();
    }, everyMs);
    ticker = { listeners, timer };
    tickers.set(everyMs, ticker);
  }
  const { listeners, timer } = ticker;
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    tickers.delete(everyMs);
  };
}

/** Unix milliseconds in steps of `everyMs`, renewed at each step. */
export function useNow(everyMs = 1_000): number {
  const first = useContext(FirstNow);
  const subscribeHere = useCallback((listener: () => void) => subscribe(everyMs, listener), [everyMs]);
  // Steps, not the bare clock: a snapshot has to stay the same while nothing ticked.
  return useSyncExternalStore(
    subscribeHere,
    () => Math.floor(Date.now() / everyMs) * everyMs,
    () => first,
  );
}
