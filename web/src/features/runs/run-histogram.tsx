'use client';
/**
 * Runs over time, stacked by state. Plain SVG: a few dozen rectangles need one linear scale, and a chart library would
 * weigh more than the page. Drag over bars, or walk with the arrow keys and press Enter, to narrow the list to that time.
 */
import { RUN_STATES, type RunStateType } from '@signalbox/proto';
import type { RunHistory } from '@signalbox/proto/api';
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { cn } from '../../lib/class-names.ts';
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
const HEIGHT = 56;

interface RunHistogramProps {
  history: RunHistory;
  /** Instants of the first bar chosen and the end of the last. Absent: bars cannot be chosen. */
  onChoose?: (range: { after: string; before: string }) => void;
}

export function RunHistogram({ history, onChoose }: RunHistogramProps) {
  const { buckets, bucketMs } = history;
  const [at, setAt] = useState<number | null>(null);
  const [from, setFrom] = useState<number | null>(null);
  const frame = useRef<SVGSVGElement>(null);
  const most = Math.max(1, ...buckets.map(totalOf));
  const chosen = at === null ? null : [Math.min(from ?? at, at), Math.max(from ?? at, at)];

  const indexOf = (event: PointerEvent) => {
    const box = frame.current?.getBoundingClientRect();
    if (!box || box.width === 0) return 0;
    return Math.max(0, Math.min(buckets.length - 1, Math.floor(((event.clientX - box.left) / box.width) * buckets.length)));
  };
  const choose = () => {
    const [first, last] = chosen ?? [];
    setFrom(null);
    if (first === undefined || last === undefined || !onChoose) return;
    const end = Date.parse(buckets[last]?.from ?? '') + bucketMs;
    onChoose({ after: buckets[first]?.from ?? '', before: new Date(end).toISOString() });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = Math.max(0, Math.min(buckets.length - 1, (at ?? (step > 0 ? -1 : buckets.length)) + step));
      if (event.shiftKey) setFrom(from ?? at ?? next);
      else setFrom(null);
      setAt(next);
    } else if (event.key === 'Enter') choose();
    else if (event.key === 'Escape') setAt(null);
  };

  return (
    <div className="select-none">
      <svg
        ref={frame}
        viewBox={`0 0 ${buckets.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        className={cn('block h-14 w-full', onChoose && 'cursor-crosshair')}
        tabIndex={onChoose ? 0 : undefined}
        role="img"
        aria-label={`${plural(
          buckets.reduce((sum, bucket) => sum + totalOf(bucket), 0),
          'run',
        )} over time.${onChoose ? ' Arrow keys walk, Enter narrows the list.' : ''}`}
        onKeyDown={onChoose && onKeyDown}
        onBlur={() => setAt(null)}
        onPointerLeave={() => from === null && setAt(null)}
        onPointerDown={(event) => {
          if (!onChoose) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setFrom(indexOf(event));
          setAt(indexOf(event));
        }}
        onPointerMove={(event) => setAt(indexOf(event))}
        onPointerUp={() => from !== null && choose()}
      >
        {chosen && <rect x={chosen[0]} width={(chosen[1] ?? 0) - (chosen[0] ?? 0) + 1} height={HEIGHT} className="fill-ink/10" />}
        {buckets.map((bucket, index) => (
          <Bar key={bucket.from} bucket={bucket} x={index} most={most} />
        ))}
      </svg>
      <p aria-live="polite" className="mt-1 h-4 truncate text-2xs text-ink-3">
        {chosen ? describe(buckets.slice(chosen[0], (chosen[1] ?? 0) + 1), bucketMs) : spanOf(buckets, bucketMs)}
      </p>
    </div>
  );
}

function Bar({ bucket, x, most }: { bucket: Bucket; x: number; most: number }) {
  let top = HEIGHT;
  return STACK.map((state) => {
    const count = bucket.states[state] ?? 0;
    if (count === 0) return null;
    // One run among thousands is still seen.
    const height = Math.max(1.5, (count / most) * (HEIGHT - 2));
    top -= height;
    return (
      <rect key={state} x={x + 0.1} y={top} width={0.8} height={height} fill="currentColor" className={stateLook({ type: state }).color} />
    );
  });
}

function totalOf({ states }: Bucket): number {
  return Object.values(states).reduce((sum, count) => sum + (count ?? 0), 0);
}

/** `Nov 23, 08:00 to 09:00: 12 runs, 10 completed, 2 failed; half took up to 3.2 s`. */
function describe(buckets: readonly Bucket[], bucketMs: number): string {
  const parts = STACK.toReversed().flatMap((state) => {
    const count = buckets.reduce((sum, bucket) => sum + (bucket.states[state] ?? 0), 0);
    return count === 0 ? [] : [`${count} ${stateLook({ type: state }).word.toLowerCase()}`];
  });
  const [only] = buckets;
  const took = buckets.length === 1 && only?.durationMs ? `; half took up to ${formatDuration(only.durationMs.p50)}` : '';
  return `${spanOf(buckets, bucketMs)}: ${parts.join(', ') || 'no runs'}${took}`;
}

function spanOf(buckets: readonly Bucket[], bucketMs: number): string {
  const first = Date.parse(buckets[0]?.from ?? '');
  const end = Date.parse(buckets.at(-1)?.from ?? '') + bucketMs;
  if (Number.isNaN(first) || Number.isNaN(end)) return '';
  const show = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
  return `${show.format(first)} to ${show.format(end)}`;
}
