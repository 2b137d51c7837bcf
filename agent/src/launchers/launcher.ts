/**
 * The port behind which a run's process lives: a process here, a container or a job later.
 *
 * A launcher starts children, carries frames and output, tells of the exit as the second witness, and takes
 * children up again after the agent's own restart. It decides nothing about runs.
 */
import type { CodeSource, FromChild, PausedTime, RunEpoch, ToChild } from '@signalbox/proto/messages';

export interface LaunchSpec {
  /** Chosen by the caller; names the child on disk and after a restart. `[a-z0-9-]+` */
  readonly id: string;
  readonly source: CodeSource;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The run it is made for; null for a child that is kept warm. */
  readonly run: string | null;
}

export interface ChildExit {
  /** Exit code; null when a signal ended it or nobody saw it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** False when the process is gone and left no status (killed with its keeper, or the machine restarted). */
  readonly isWitnessed: boolean;
  /** The end of what it wrote to stderr, to tell the cause from. */
  readonly stderrTail: string;
}

export interface OutputLine {
  readonly text: string;
  /** The line goes on in the next entry. */
  readonly continues: boolean;
}

export type OutputStream = 'stdout' | 'stderr';

/** Who listens to a child. Calls come in order; `exited` is the last one, after all output. */
export interface ChildEvents {
  /** It said hello, at first or again. */
  connected(holding: RunEpoch | null, paused?: PausedTime): void;
  frame(frame: Exclude<FromChild, { type: 'hello' }>): void;
  /** A frame that fits no schema. */
  malformed(frame: unknown, problem: string): void;
  /** `to`: bytes of the stream that have now been told. */
  output(stream: OutputStream, lines: readonly OutputLine[], to: number): void;
  exited(exit: ChildExit): void;
}

export interface OutputOffsets {
  readonly stdout: number;
  readonly stderr: number;
}

export interface Child {
  readonly id: string;
  /** The process that runs user code; null until it said hello. */
  readonly pid: number | null;
  readonly isConnected: boolean;
  /** Makes `events` the one listener. Output is told from `from`; null: not at all, until somebody else attaches. */
  attach(events: ChildEvents, from: OutputOffsets | null): void;
  /** Tells all output written so far, an unfinished line included. Resolves with where that is. */
  settleOutput(): Promise<OutputOffsets>;
  /** False when it is not connected: say it again at the next `connected`. With `mayWait` it goes with the next frame, or a moment later. */
  send(frame: ToChild, mayWait?: boolean): boolean;
  /** TERM to everything it started in its group. */
  terminate(): void;
  /** KILL to it, its group, and every process that carries `run` in its environment. Resolves when none is left. */
  kill(run: string | null): Promise<void>;
  /** Resolves when the process is gone, told or not. */
  readonly gone: Promise<void>;
  /** Removes what it left on disk. After `gone` only. */
  forget(): Promise<void>;
}

export interface Launcher {
  readonly name: string;
  open(): Promise<void>;
  /** @throws when the process cannot even be started. */
  launch(spec: LaunchSpec): Promise<Child>;
  /** The child of this id from before the agent's restart, alive or not; null when nothing is known of it. */
  adopt(id: string): Promise<Child | null>;
  /** Kills and removes children that nobody adopted. */
  discardOthers(keep: ReadonlySet<string>): Promise<void>;
  /** Stops listening; children go on. */
  close(): Promise<void>;
}
