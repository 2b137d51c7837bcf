'use client';
import type { TaskRun } from '@signalbox/proto/api';
import { LOG_LEVELS, type LogLevel } from '@signalbox/proto/messages';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDownToLine, Download, Search, X } from 'lucide-react';
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { CopyButton } from '../../../components/ui/copy-button.tsx';
import { Input, Select } from '../../../components/ui/field.tsx';
import { formatCount } from '../../../lib/format.ts';
import { LogLineRow } from './log-line-row.tsx';
import { filterLines, linesToText } from './log-text.ts';
import type { LogRecord } from './use-run-logs.ts';

const LEVEL_NAME: Record<LogLevel, string> = { debug: 'All levels', info: 'Info and above', warn: 'Warnings and errors', error: 'Errors' };

interface LogViewProps {
  runName: string;
  lines: readonly LogRecord[];
  tasks: readonly TaskRun[];
  task: TaskRun | undefined;
  onClearTask: () => void;
  /** Says what happens next, below the last line. */
  tail: React.ReactNode;
  isLive: boolean;
}

export function LogView({ runName, lines, tasks, task, onClearTask, tail, isLive }: LogViewProps) {
  const [minLevel, setMinLevel] = useState<LogLevel>('debug');
  const [text, setText] = useState('');
  const [isFollowing, setFollowing] = useState(isLive);
  const wanted = useDeferredValue(text);
  const shown = useMemo(
    () => filterLines(lines, { minLevel, text: wanted, taskOrdinal: task?.ordinal ?? null }),
    [lines, minLevel, wanted, task],
  );
  const names = useMemo(() => new Map(tasks.map((each) => [each.ordinal, each.name])), [tasks]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 20,
    overscan: 20,
    getItemKey: (index) => shown[index]?.position ?? index,
  });

  const lastPosition = shown.at(-1)?.position;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last line is what moves the view.
  useEffect(() => {
    if (isFollowing && shown.length > 0) virtualizer.scrollToIndex(shown.length - 1, { align: 'end' });
  }, [lastPosition, isFollowing]);

  // Reading upwards stops following; coming back to the end takes it up again.
  const onScroll = () => {
    const element = scroller.current;
    if (!element || !isLive) return;
    const fromEnd = element.scrollHeight - element.scrollTop - element.clientHeight;
    if (fromEnd < 8) setFollowing(true);
  };
  const onReadUp = (event: React.WheelEvent) => {
    if (event.deltaY < 0) setFollowing(false);
  };

  return (
    <div className="flex max-h-[min(34rem,80dvh)] min-h-44 flex-col rounded-lg border border-line bg-surface">
      <div className="flex flex-wrap items-center gap-2 border-b border-line p-2">
        <Select
          aria-label="Least level"
          className="!w-44"
          value={minLevel}
          onChange={(event) => setMinLevel(LOG_LEVELS.find((level) => level === event.target.value) ?? 'debug')}
        >
          {LOG_LEVELS.map((level) => (
            <option key={level} value={level}>
              {LEVEL_NAME[level]}
            </option>
          ))}
        </Select>
        <div className="relative min-w-32 flex-1 sm:max-w-64">
          <Search aria-hidden className="pointer-events-none absolute left-2.5 top-2.5 size-3.5 text-ink-3" />
          <Input
            type="search"
            data-search
            aria-label="Search in logs"
            placeholder="Search"
            className="pl-8"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        {task && (
          <Button size="sm" onClick={onClearTask}>
            {task.name}
            <X aria-label="Show all tasks" className="size-3 text-ink-3" />
          </Button>
        )}
        <span role="status" className="flex-1 text-right text-xs text-ink-3">
          {formatCount(shown.length)}
          {shown.length !== lines.length && ` of ${formatCount(lines.length)}`} {lines.length === 1 ? 'line' : 'lines'}
        </span>
        {isLive && (
          <Button
            size="sm"
            variant={isFollowing ? 'secondary' : 'quiet'}
            aria-pressed={isFollowing}
            onClick={() => setFollowing(!isFollowing)}
          >
            <ArrowDownToLine aria-hidden className="size-3.5" />
            Follow
          </Button>
        )}
        <CopyButton isIconOnly label="Copy these lines" text={() => linesToText(shown)} />
        <Button
          variant="quiet"
          size="sm"
          aria-label="Download these lines"
          title="Download these lines"
          onClick={() => download(`${runName}.log`, linesToText(shown))}
        >
          <Download aria-hidden className="size-3.5" />
        </Button>
      </div>
      <div
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, nobody could scroll the log by keys.
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label="Logs"
        onScroll={onScroll}
        onWheel={onReadUp}
        onKeyDown={(event) => ['ArrowUp', 'PageUp', 'Home'].includes(event.key) && setFollowing(false)}
        className="min-h-0 flex-auto overflow-y-auto overscroll-contain py-1.5 -outline-offset-2"
      >
        <div className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ key, index, start }) => {
            const line = shown[index];
            return (
              line && (
                <div
                  key={key}
                  ref={virtualizer.measureElement}
                  data-index={index}
                  className="absolute inset-x-0"
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <LogLineRow line={line} taskName={line.taskOrdinal === null || task ? undefined : names.get(line.taskOrdinal)} />
                </div>
              )
            );
          })}
        </div>
        <div className="px-3 py-1.5 text-xs text-ink-3">{lines.length > 0 && shown.length === 0 ? 'No line fits this filter.' : tail}</div>
      </div>
    </div>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
