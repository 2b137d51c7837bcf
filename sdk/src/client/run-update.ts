import type { RunDetail, StoredLogLine, TaskRun } from '@signalbox/proto/api';
import type { LogLevel } from '@signalbox/proto/messages';
import type { SignalboxError } from './signalbox-error.ts';

/**
 * One thing a watcher is told. Each update is whole, so that missing one loses nothing but log lines:
 * - `run`: the run as it is now; the first update, and the one before the end, are of this kind.
 * - `tasks`: every task run of the newest attempt, ascending by ordinal.
 * - `logs`: lines that were not told before, in order.
 * - `connection`: the control plane cannot be reached (the run goes on without it), or can be again.
 */
export type RunUpdate =
  | { readonly kind: 'run'; readonly run: RunDetail }
  | { readonly kind: 'tasks'; readonly tasks: readonly TaskRun[] }
  | { readonly kind: 'logs'; readonly lines: readonly StoredLogLine[] }
  | { readonly kind: 'connection'; readonly connected: boolean; readonly error?: SignalboxError };

export interface WatchRunOptions {
  /** Ends the watch without an error. */
  signal?: AbortSignal;
  /** Tell of task runs. Default true. */
  tasks?: boolean;
  /** Tell of log lines; as a level: of that one and worse. Default true. */
  logs?: boolean | LogLevel;
  /** Begin after this position of the log; default: from the first line. */
  logsAfter?: string;
  /** Milliseconds between reads while live updates are not to be had. Default 1000. */
  pollMs?: number;
  /** Milliseconds without an answer after which the watch fails. Default 120000. */
  giveUpAfterMs?: number;
}
