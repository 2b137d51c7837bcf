'use client';
/**
 * Counts over time, stacked. Plain SVG: a few dozen rectangles need one linear scale, and a chart library would weigh more than
 * the page. Drag over bars, or walk with the arrow keys and press Enter, to choose a stretch of time.
 */
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { cn } from '../../lib/class-names.ts';

export interface TimeBar {
  /** Instant at which it begins. */
  readonly from: string;
  /** From the bottom up; `color` sets the text color. */
  readonly parts: readonly { readonly key: string; readonly count: number; readonly color: string }[];
}

interface TimeBarsProps {
  bars: readonly TimeBar[];
  barMs: number;
  /** What it shows, for screen readers. */
  label: string;
  /** What a stretch holds, in words; indexes of its first bar and its last. */
  describe: (first: number, last: number) => string;
  /** Instants of the first bar chosen and the end of the last. Absent: bars cannot be chosen. */
  onChoose?: ((range: { after: string; before: string }) => void) | undefined;
}

const HEIGHT = 56;

export function TimeBars({ bars, barMs, label, describe, onChoose }: TimeBarsProps) {
  const [at, setAt] = useState<number | null>(null);
  const [from, setFrom] = useState<number | null>(null);
  const frame = useRef<SVGSVGElement>(null);
  const most = Math.max(1, ...bars.map(totalOf));
  const chosen = at === null ? null : ([Math.min(from ?? at, at), Math.max(from ?? at, at)] as const);

  const indexOf = (event: PointerEvent) => {
    const box = frame.current?.getBoundingClientRect();
    if (!box || box.width === 0) return 0;
    return Math.max(0, Math.min(bars.length - 1, Math.floor(((event.clientX - box.left) / box.width) * bars.length)));
  };
  const choose = () => {
    setFrom(null);
    if (!chosen || !onChoose) return;
    const [first, last] = chosen;
    const end = Date.parse(bars[last]?.from ?? '') + barMs;
    onChoose({ after: bars[first]?.from ?? '', before: new Date(end).toISOString() });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = bars.length - 1;
    const to = { ArrowLeft: (at ?? last + 1) - 1, ArrowRight: (at ?? -1) + 1, Home: 0, End: last }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      const next = Math.max(0, Math.min(last, to));
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
        viewBox={`0 0 ${bars.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        className={cn('block h-14 w-full', onChoose && 'cursor-crosshair')}
        tabIndex={onChoose ? 0 : undefined}
        role="img"
        aria-label={`${label}.${onChoose ? ' Arrow keys walk, Enter narrows the list.' : ''}`}
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
        {chosen && <rect x={chosen[0]} width={chosen[1] - chosen[0] + 1} height={HEIGHT} className="fill-ink/10" />}
        {bars.map((bar, index) => (
          <Bar key={bar.from} bar={bar} x={index} most={most} />
        ))}
      </svg>
      <p aria-live="polite" className="mt-1 h-4 truncate text-2xs text-ink-3">
        {chosen
          ? `${spanOf(bars.slice(chosen[0], chosen[1] + 1), barMs)}: ${describe(chosen[0], chosen[1])}`
          : bars.length > 0 && spanOf(bars, barMs)}
      </p>
    </div>
  );
}

function Bar({ bar, x, most }: { bar: TimeBar; x: number; most: number }) {
  let top = HEIGHT;
  return bar.parts.map(({ key, count, color }) => {
    if (count === 0) return null;
    // One among thousands is still seen.
    const height = Math.max(1.5, (count / most) * (HEIGHT - 2));
    top -= height;
    return <rect key={key} x={x + 0.1} y={top} width={0.8} height={height} fill="currentColor" className={color} />;
  });
}

function totalOf({ parts }: TimeBar): number {
  return parts.reduce((sum, { count }) => sum + count, 0);
}

function spanOf(bars: readonly TimeBar[], barMs: number): string {
  const first = Date.parse(bars[0]?.from ?? '');
  const end = Date.parse(bars.at(-1)?.from ?? '') + barMs;
  if (Number.isNaN(first) || Number.isNaN(end)) return '';
  const show = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
  return `${show.format(first)} to ${show.format(end)}`;
}
