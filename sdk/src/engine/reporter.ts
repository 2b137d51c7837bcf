/** Port: who is told what happens in a run. Adapters: console, memory, child (frames to the agent). */
import type { RunFailure } from '@signalbox/proto';
import type { ArtifactEntry, LogLine, TaskState } from '@signalbox/proto/messages';
import type { RunInfo } from '../run-info.ts';

/** One transition of a task run. */
export type TaskTransition = Omit<TaskState, 'n' | 'run' | 'epoch' | 'type'> & {
  /** Of a mapped task: its place and how many there are. Stays in this process. */
  readonly mapped: { readonly index: number; readonly total: number; readonly task: string } | null;
};

/** An artifact, or a newer version of the one with the same ordinal. */
export type ArtifactRecord = Omit<ArtifactEntry, 'n' | 'run' | 'epoch' | 'type'>;

/** How a run ended. */
export interface RunOutcome {
  /** `SUSPENDED`: the process leaves, the run does not end. */
  readonly state: 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'SUSPENDED';
  /** State name: the title of `state`, or `TimedOut`. */
  readonly name: string;
  readonly message?: string;
  readonly failure?: RunFailure;
  /** What was thrown; stays in this process. */
  readonly error?: unknown;
  readonly result?: unknown;
}

/** All calls return at once and never throw; an adapter that batches keeps the order per kind. */
export interface Reporter {
  /** User code is called next. `runName`: the name that its flow gives it. */
  started(run: RunInfo, runName?: string): void;
  task(transition: TaskTransition): void;
  log(line: LogLine): void;
  artifact(artifact: ArtifactRecord): void;
  /** The attempt ended; `retryInMs` when the engine itself will try again (local runs only). */
  ended(outcome: RunOutcome, retryInMs?: number): void;
}
