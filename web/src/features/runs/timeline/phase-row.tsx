import { cn } from '../../../lib/class-names.ts';
import { formatDuration } from '../../../lib/format.ts';
import type { RunDetail } from '../queries.ts';
import { stateLook } from '../run-state-badge.tsx';
import { placeBar, type TimeWindow } from './window.ts';

interface PhaseRowProps {
  run: RunDetail;
  attempt: RunDetail['attempts'][number];
  window: TimeWindow;
  nowMs: number;
  namesClass: string;
}

/** The run itself: how long the agent took to start it, and how long it ran. */
export function PhaseRow({ run, attempt, window, nowMs, namesClass }: PhaseRowProps) {
  const claimed = Date.parse(attempt.claimedAt);
  const end = attempt.endedAt ? Date.parse(attempt.endedAt) : nowMs;
  const started = attempt.startedAt ? Date.parse(attempt.startedAt) : end;
  const { color } = stateLook(
    attempt.endedAt && attempt.state && attempt.epoch !== run.attempts.at(-1)?.epoch ? { type: 'FAILED' } : run.state,
  );
  return (
    <div className="relative flex h-8 items-center border-b border-line bg-sunken/60 text-xs">
      <span className={`${namesClass} truncate border-r border-line px-3 font-medium leading-8`}>{run.flow.name}</span>
      <div className="relative mx-3 h-full flex-1">
        <Phase
          title={`starting: ${formatDuration(started - claimed)}`}
          place={placeBar(claimed, started, window)}
          className="text-(--state-pending) opacity-60"
        />
        {attempt.startedAt && (
          <Phase title={`running: ${formatDuration(end - started)}`} place={placeBar(started, end, window)} className={color} />
        )}
      </div>
    </div>
  );
}

function Phase({ place, className, title }: { place: { left: number; width: number } | null; className: string; title: string }) {
  if (!place) return null;
  // A rail: two thin lines, as wide as the phase is long.
  return (
    <div
      title={title}
      className={cn('absolute top-[11px] h-2.5 min-w-px border-y-2 border-current', className)}
      style={{ left: `${place.left * 100}%`, width: `${place.width * 100}%` }}
    />
  );
}
