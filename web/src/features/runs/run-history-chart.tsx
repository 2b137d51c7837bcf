'use client';
import type { RunFilterInput } from '@signalbox/proto/api';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { runQueries } from './queries.ts';
import { RunHistogram } from './run-histogram.tsx';

interface RunHistoryChartProps {
  /** Stable for the same question, however late it is. */
  filterKey: unknown;
  /** The filter as of an instant (Unix milliseconds); null: it cannot be read. */
  filterAt: (nowMs: number) => RunFilterInput | null;
  /** How far back, where the filter does not say. */
  rangeMs: number;
  onChoose?: (range: { after: string; before: string }) => void;
}

/** The chart of what a filter fits, with its loading and error states. */
export function RunHistoryChart({ filterKey, filterAt, rangeMs, onChoose }: RunHistoryChartProps) {
  const history = useQuery({ ...runQueries(api).history(filterKey, filterAt, rangeMs), placeholderData: keepPreviousData });
  if (history.data) return <RunHistogram history={history.data} {...(onChoose ? { onChoose } : {})} />;
  // The list below it says what is missing.
  if (history.isError && readError(history.error).code === 'FORBIDDEN') return null;
  if (history.isError) return <p className="h-[76px] text-xs text-ink-3">No chart: {readError(history.error).message}</p>;
  return <div aria-hidden className="h-[76px] animate-pulse rounded-sm bg-sunken" />;
}
