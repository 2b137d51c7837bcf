'use client';
import type { TaskRun } from '@signalbox/proto/api';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Maximize2, ZoomIn, ZoomOut } from 'lucide-react';
import { type ReactNode, useMemo, useRef, useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { plural } from '../../../lib/format.ts';
import { useNow } from '../../../lib/now.tsx';
import type { RunDetail } from '../queries.ts';
import { PhaseRow } from './phase-row.tsx';
import { TaskRow } from './task-row.tsx';
import { timelineRows } from './tree.ts';
import { useTimeWindow } from './use-time-window.ts';
import { fitWindow, formatTick, type TimeWindow, windowTicks } from './window.ts';

export const ROW_PX = 28;
const NAMES = 'w-[clamp(8.5rem,28%,17rem)] shrink-0';

interface TimelineProps {
  run: RunDetail;
  attempt: RunDetail['attempts'][number];
  tasks: readonly TaskRun[];
  selected: number | null;
  onSelect: (ordinal: number | null) => void;
  /** Stands beside the title: the choice of attempt. */
  actions?: ReactNode;
}

/** Task runs over time: one line each, nested, drawn only where in sight. */
export function Timeline({ run, attempt, tasks, selected, onSelect, actions }: TimelineProps) {
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const rows = useMemo(() => timelineRows(tasks, folded), [tasks, folded]);
  const now = useNow(250);
  const all = useMemo(() => {
    const nowMs = attempt.endedAt ? Date.parse(attempt.endedAt) : now;
    return fitWindow([{ startedAt: attempt.claimedAt, endedAt: attempt.endedAt }, ...tasks], Date.parse(attempt.claimedAt), nowMs);
  }, [attempt, tasks, now]);
  const track = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLDivElement>(null);
  const { shown, isFit, zoom, fit } = useTimeWindow(all, area, track);
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    getItemKey: (index) => rows[index]?.task.ordinal ?? index,
  });
  const originMs = Date.parse(attempt.startedAt ?? attempt.claimedAt);
  const chosen = tasks.find((task) => task.ordinal === selected);
  const toggle = (ordinal: number) => {
    const next = new Set(folded);
    if (!next.delete(ordinal)) next.add(ordinal);
    setFolded(next);
  };

  return (
    <Panel
      title={
        <>
          Timeline <span className="ml-1 hidden font-normal text-ink-3 sm:inline">{plural(tasks.length, 'task run')}</span>
        </>
      }
      actions={
        <>
          {actions}
          <fieldset aria-label="Zoom" className="flex">
            <Button variant="quiet" size="icon" aria-label="Zoom out" disabled={isFit} onClick={() => zoom(0.5)}>
              <ZoomOut aria-hidden className="size-4" />
            </Button>
            <Button variant="quiet" size="icon" aria-label="Zoom in" onClick={() => zoom(2)}>
              <ZoomIn aria-hidden className="size-4" />
            </Button>
            <Button variant="quiet" size="icon" aria-label="Zoom to fit" disabled={isFit} onClick={fit}>
              <Maximize2 aria-hidden className="size-3.5" />
            </Button>
          </fieldset>
        </>
      }
    >
      <div ref={area}>
        <div className="flex h-7 border-b border-line text-2xs text-ink-3">
          <span className={`${NAMES} border-r border-line px-3 leading-7`}>Task</span>
          <div ref={track} className="relative mx-3 flex-1">
            <Ticks window={shown} originMs={originMs} isLabelled />
          </div>
        </div>
        <div ref={scroller} className="relative max-h-[23rem] overflow-y-auto overscroll-contain">
          <div
            className="pointer-events-none absolute inset-y-0 left-[clamp(8.5rem,28%,17rem)] right-0"
            style={{ height: Math.max(virtualizer.getTotalSize() + ROW_PX, 1) }}
          >
            <div className="relative mx-3 h-full">
              <Ticks window={shown} originMs={originMs} />
            </div>
          </div>
          <PhaseRow run={run} attempt={attempt} window={shown} nowMs={now} namesClass={NAMES} />
          <ul aria-label="Task runs" className="relative" style={{ height: virtualizer.getTotalSize() }}>
            {virtualizer.getVirtualItems().map(({ key, index, start }) => {
              const row = rows[index];
              return (
                row && (
                  <li key={key} className="absolute inset-x-0" style={{ height: ROW_PX, transform: `translateY(${start}px)` }}>
                    <TaskRow
                      row={row}
                      window={shown}
                      nowMs={now}
                      namesClass={NAMES}
                      isSelected={row.task.ordinal === selected}
                      isUpstream={chosen?.upstream.includes(row.task.ordinal) ?? false}
                      onSelect={() => onSelect(row.task.ordinal === selected ? null : row.task.ordinal)}
                      onToggle={() => toggle(row.task.ordinal)}
                    />
                  </li>
                )
              );
            })}
          </ul>
        </div>
      </div>
    </Panel>
  );
}

function Ticks({ window, originMs, isLabelled = false }: { window: TimeWindow; originMs: number; isLabelled?: boolean }) {
  const span = window.toMs - window.fromMs;
  return windowTicks(window, originMs, 7).map((offset) => {
    const left = `${((originMs + offset - window.fromMs) / span) * 100}%`;
    return isLabelled ? (
      // On a phone there is room for every second.
      <span
        key={offset}
        className="absolute -translate-x-1/2 whitespace-nowrap leading-7 first:translate-x-0 max-sm:even:hidden"
        style={{ left }}
      >
        {formatTick(offset)}
      </span>
    ) : (
      <i key={offset} aria-hidden className="absolute inset-y-0 w-px bg-line/70" style={{ left }} />
    );
  });
}
