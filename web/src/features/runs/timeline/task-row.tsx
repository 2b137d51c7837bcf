import { ChevronRight, RotateCcw } from 'lucide-react';
import { cn } from '../../../lib/class-names.ts';
import { formatDuration } from '../../../lib/format.ts';
import { stateLook } from '../run-state-badge.tsx';
import type { TimelineRow } from './tree.ts';
import { placeBar, type TimeWindow } from './window.ts';

interface TaskRowProps {
  row: TimelineRow;
  window: TimeWindow;
  nowMs: number;
  namesClass: string;
  isSelected: boolean;
  /** The chosen task took this one's result. */
  isUpstream: boolean;
  onSelect: () => void;
  onToggle: () => void;
}

export function TaskRow({
  row: { task, depth, childCount, isFolded },
  window,
  nowMs,
  namesClass,
  isSelected,
  isUpstream,
  onSelect,
  onToggle,
}: TaskRowProps) {
  const { icon: Icon, word, color } = stateLook(task.state);
  const start = task.startedAt ? Date.parse(task.startedAt) : null;
  const end = task.endedAt ? Date.parse(task.endedAt) : nowMs;
  const place = start === null ? null : placeBar(start, end, window);
  const duration = start === null ? '' : formatDuration(end - start);
  // The duration stands right of its bar, or left of it where there is no room.
  const isRoomRight = place !== null && place.left + place.width < 0.86;
  return (
    <div
      className={cn(
        'group relative flex h-full items-center text-xs hover:bg-hover/70',
        isSelected && 'bg-accent-soft',
        isUpstream && 'shadow-[inset_3px_0_0_var(--accent)]',
      )}
    >
      <div className={cn(namesClass, 'flex h-full items-center gap-1 border-r border-line pr-2')} style={{ paddingLeft: 8 + depth * 14 }}>
        {childCount > 0 ? (
          <button
            type="button"
            aria-expanded={!isFolded}
            aria-label={`${isFolded ? 'Show' : 'Hide'} ${childCount} inside ${task.name}`}
            onClick={onToggle}
            className="z-[1] rounded-sm p-0.5 text-ink-3 hover:text-ink"
          >
            <ChevronRight aria-hidden className={cn('size-3 transition-transform', !isFolded && 'rotate-90')} />
          </button>
        ) : (
          <span className="w-4 shrink-0" />
        )}
        <Icon aria-hidden className={cn('size-3.5 shrink-0', color)} />
        <button
          type="button"
          aria-pressed={isSelected}
          onClick={onSelect}
          className="min-w-0 flex-1 truncate text-left -outline-offset-2 after:absolute after:inset-0"
        >
          {task.name}
          <span className="sr-only">
            , {word}
            {duration && `, ${duration}`}
            {task.attempt > 1 && `, attempt ${task.attempt}`}
          </span>
        </button>
        {task.attempt > 1 && (
          <span title={`attempt ${task.attempt}`} className="inline-flex shrink-0 items-center gap-0.5 text-2xs text-late">
            <RotateCcw aria-hidden className="size-2.5" />
            {task.attempt}
          </span>
        )}
        {isFolded && <span className="shrink-0 text-2xs text-ink-3">{childCount}</span>}
      </div>
      <div className="relative mx-3 h-full flex-1">
        {place && (
          <>
            <div
              className={cn(
                'absolute top-[8px] h-3 min-w-[3px] rounded-[2px] bg-current',
                color,
                task.kind === 'flow' && 'opacity-55',
                task.state.type === 'RUNNING' && 'rounded-r-none',
              )}
              style={{ left: `${place.left * 100}%`, width: `${place.width * 100}%` }}
            />
            <span
              className={cn(
                'pointer-events-none absolute whitespace-nowrap text-2xs leading-7 text-ink-2',
                isRoomRight ? 'pl-1.5' : '-translate-x-full pr-1.5',
              )}
              style={{ left: `${(isRoomRight ? place.left + place.width : place.left) * 100}%` }}
            >
              {duration}
            </span>
          </>
        )}
        {start === null && <span className={cn('text-2xs leading-7', color)}>{word}</span>}
      </div>
    </div>
  );
}
