/** What a flow's process and the thread or process of an isolated task tell each other. Values travel as lossless text. */
import type { CallOp, LogLine } from '@signalbox/proto/messages';
import type { RunInfo } from '../../run-info.ts';
import type { ArtifactRecord } from '../reporter.ts';
import type { TaskRunRecord } from '../session.ts';

/** One call of a task. */
export interface IsolatedCall {
  readonly type: 'call';
  /** Address of the file that exports the task, and the task's name. */
  readonly file: string;
  readonly task: string;
  readonly args: string;
  /** Its `parameters` travel as text. */
  readonly run: Omit<RunInfo, 'parameters'>;
  readonly parameters: string;
  readonly record: Pick<TaskRunRecord, 'ordinal' | 'key' | 'scope' | 'occurrence' | 'name' | 'attempt' | 'isInTask'>;
  readonly capturesConsole: boolean;
  /** Values to mask in what it says. */
  readonly secrets: readonly string[];
}

export type ToIsolated =
  | IsolatedCall
  | { readonly type: 'abort'; readonly reason: string }
  | { readonly type: 'answer'; readonly id: number; readonly ok: unknown }
  | { readonly type: 'refused'; readonly id: number; readonly error: string };

export type FromIsolated =
  | { readonly type: 'line'; readonly line: LogLine }
  | { readonly type: 'artifact'; readonly artifact: Omit<ArtifactRecord, 'data' | 'at' | 'taskOrdinal'>; readonly body: unknown }
  /** All that it said so far of an asset that it makes. */
  | { readonly type: 'facts'; readonly uri: string; readonly facts: Readonly<Record<string, unknown>> }
  | { readonly type: 'ask'; readonly id: number; readonly op: CallOp }
  | { readonly type: 'ended'; readonly value: string }
  /** `isOver`: its place is in an unknown state, and ends. */
  | { readonly type: 'failed'; readonly error: string; readonly isOver?: true };
