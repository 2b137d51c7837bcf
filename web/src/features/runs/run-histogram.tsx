'use client';
/** Runs over time, stacked by state. */
import { RUN_STATES, type RunStateType } from '@signalbox/proto';
import type { RunHistory } from '@signalbox/proto/api';
import { TimeBars } from '../../components/ui/time-bars.tsx';
import { formatDuration, plural } from '../../lib/format.ts';
import { stateLook } from './run-state-badge.tsx';

type Bucket = RunHistory['buckets'][number];
/** What ended well lies at the bottom, what needs a look on top. */
const STACK: readonly RunStateType[] = [
  'COMPLETED',
  ...RUN_STATES.filter((state) => !['COMPLETED', 'FAILED', 'CRASHED'].includes(state)),
  'FAILED',
  'CRASHED',
];

interface RunHistogramProps {
  history: RunHistory;
  /** Instants of the first bar chosen and the end of the last. Absent: bars cannot be chosen. */
  onChoose?: (range: { after: string; before: string }) => void;
}

export function RunHistogram({ history: { buckets, bucketMs }, onChoose }: RunHistogramProps) {
  const bars = buckets.map(({ from, states }) => ({
    from,
    parts: STACK.map((state) => ({ key: state, count: states[state] ?? 0, color: stateLook({ type: state }).color })),
  }));
  const total = buckets.reduce((sum, { states }) => sum + Object.values(states).reduce((all, count) => all + (count ?? 0), 0), 0);
  return (
    <TimeBars
      bars={bars}
      barMs={bucketMs}
      label={`${plural(total, 'run')} over time`}
      describe={(first, last) => describe(buckets.slice(first, last + 1))}
      onChoose={onChoose}
    />
  );
}

/** `12 runs, 10 completed, 2 failed; half took up to 3.2 s`. */
function describe(buckets: readonly Bucket[]): string {
  const parts = STACK.toReversed().flatMap((state) => {
    const count = buckets.reduce((sum, bucket) => sum + (bucket.states[state] ?? 0), 0);
    return count === 0 ? [] : [`${count} ${stateLook({ type: state }).word.toLowerCase()}`];
  });
  const [only] = buckets;
  const took = buckets.length === 1 && only?.durationMs ? `; half took up to ${formatDuration(only.durationMs.p50)}` : '';
  return `${parts.join(', ') || 'no runs'}${took}`;
}
