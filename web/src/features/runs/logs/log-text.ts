/** Log lines as text: without terminal codes, filtered, and as a file. */

import type { StoredLogLine } from '@signalbox/proto/api';
import { LOG_LEVELS, type LogLevel } from '@signalbox/proto/messages';

// Escape sequences of terminals: colors and cursor moves (CSI), titles and links (OSC).
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to take out.
const TERMINAL_CODE = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g;

export function plainText(message: string): string {
  return message.includes('\u001b') ? message.replace(TERMINAL_CODE, '') : message;
}

/** `file=weather.csv rows=1461`; objects as JSON. By name: the store does not keep the order in which they were given. */
export function attributesText(attributes: Record<string, unknown> | undefined): string {
  if (!attributes) return '';
  return Object.entries(attributes)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

export interface LogFilter {
  readonly minLevel: LogLevel;
  readonly text: string;
  readonly taskOrdinal: number | null;
}

export function filterLines<T extends StoredLogLine>(lines: readonly T[], { minLevel, text, taskOrdinal }: LogFilter): readonly T[] {
  const wanted = text.trim().toLowerCase();
  const least = LOG_LEVELS.indexOf(minLevel);
  if (least === 0 && !wanted && taskOrdinal === null) return lines;
  return lines.filter(
    (line) =>
      LOG_LEVELS.indexOf(line.level) >= least &&
      (taskOrdinal === null || line.taskOrdinal === taskOrdinal) &&
      (!wanted || line.message.toLowerCase().includes(wanted) || attributesText(line.attributes).toLowerCase().includes(wanted)),
  );
}

/** One line per entry, with instants in UTC: to copy or to keep. */
export function linesToText(lines: readonly StoredLogLine[]): string {
  return lines
    .map((line) =>
      [line.at, line.level.toUpperCase().padEnd(5), plainText(line.message), attributesText(line.attributes)].filter(Boolean).join(' '),
    )
    .join('\n');
}
