import type { StoredLogLine } from '@signalbox/proto/api';
import type { Style } from './style.ts';
import { clock } from './time.ts';
import { harmless, pad } from './width.ts';

const COLOR = { debug: 'gray', info: 'blue', warn: 'yellow', error: 'red' } as const;

/** `08:00:01 info   extract  read 1461 rows`: time, level, task if any, and what was said. */
export function formatLogLine(line: StoredLogLine, tasks: ReadonlyMap<number, string>, style: Style): string {
  const task = line.taskOrdinal === null ? undefined : (tasks.get(line.taskOrdinal) ?? `task ${line.taskOrdinal}`);
  // The process's own output carries no level that anybody chose.
  const level =
    line.stream === 'stdout' || line.stream === 'stderr' ? style.dim(pad(line.stream, 6)) : style[COLOR[line.level]](pad(line.level, 6));
  const message = harmless(line.message, style.isColorSupported);
  const reset = style.isColorSupported && message.includes('\u001b') ? '\u001b[0m' : '';
  return [style.dim(clock(line.at)), level, ...(task ? [style.cyan(task)] : []), message + reset].join(' ');
}
