'use client';
import type { RunSummary } from '@signalbox/proto/api';
import { formatDuration } from '../../lib/format.ts';
import { useNow } from '../../lib/now.tsx';

/** First start to end; ticks while the run is under way. */
export function RunDuration({ run }: { run: Pick<RunSummary, 'startedAt' | 'endedAt' | 'durationMs'> }) {
  if (!run.startedAt) return <span className="text-ink-3">–</span>;
  if (run.endedAt) return <>{formatDuration(run.durationMs ?? Date.parse(run.endedAt) - Date.parse(run.startedAt))}</>;
  return <Ticking since={Date.parse(run.startedAt)} />;
}

function Ticking({ since }: { since: number }) {
  const now = useNow(1_000);
  return <>{formatDuration(now - since)}</>;
}
