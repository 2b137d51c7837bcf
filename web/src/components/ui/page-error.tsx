'use client';
import { useEffect } from 'react';
import { ErrorState } from './error-state.tsx';

const RELOADED_AT = 'signalbox-reloaded-at';

/** What a page shows when it threw. A page left open over an upgrade misses its old code: it loads itself anew, once. */
export function PageError({ error, reset }: { error: Error; reset: () => void }) {
  const isOutdated = error.name === 'ChunkLoadError';
  useEffect(() => {
    if (!isOutdated || Date.now() - Number(sessionStorage.getItem(RELOADED_AT)) < 60_000) return;
    sessionStorage.setItem(RELOADED_AT, String(Date.now()));
    window.location.reload();
  }, [isOutdated]);
  return <ErrorState error={error} onRetry={isOutdated ? () => window.location.reload() : reset} />;
}
