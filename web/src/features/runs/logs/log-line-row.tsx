'use client';
import type { LogLevel } from '@signalbox/proto/messages';
import { memo } from 'react';
import { cn } from '../../../lib/class-names.ts';
import { formatClock } from '../../../lib/format.ts';
import { attributesText, plainText } from './log-text.ts';
import type { LogRecord } from './use-run-logs.ts';

const LEVEL: Record<LogLevel, { mark: string; className: string }> = {
  debug: { mark: 'DBG', className: 'text-ink-3' },
  info: { mark: 'INF', className: 'text-(--state-running)' },
  warn: { mark: 'WRN', className: 'text-late' },
  error: { mark: 'ERR', className: 'text-danger' },
};

/** Time, level, task, words; output that a process printed by itself is marked with its stream. */
export const LogLineRow = memo(function LogLineRow({ line, taskName }: { line: LogRecord; taskName: string | undefined }) {
  const { mark, className } = LEVEL[line.level];
  const attributes = attributesText(line.attributes);
  return (
    <div
      className={cn(
        'flex gap-3 px-3 font-mono text-xs leading-5 hover:bg-hover',
        line.level === 'error' && 'bg-[color-mix(in_oklch,var(--danger)_7%,transparent)]',
      )}
    >
      <time dateTime={line.at} className="hidden shrink-0 select-none text-ink-3 sm:inline">
        {formatClock(new Date(line.at))}
      </time>
      <span className={cn('shrink-0 select-none font-medium', className)}>{mark}</span>
      <span className="min-w-0 flex-1 whitespace-pre-wrap [overflow-wrap:anywhere]">
        {taskName && <span className="mr-2 text-ink-3">{taskName}</span>}
        {line.stream !== 'logger' && <span className="mr-2 rounded-sm bg-hover px-1 text-ink-3">{line.stream}</span>}
        <span className={line.level === 'debug' ? 'text-ink-2' : undefined}>{plainText(line.message)}</span>
        {attributes && <span className="ml-2 text-ink-3">{attributes}</span>}
      </span>
    </div>
  );
});
