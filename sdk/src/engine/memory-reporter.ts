/** Keeps what a run told, for tests. */
import type { LogLine } from '@signalbox/proto/messages';
import type { RunInfo } from '../run-info.ts';
import type { ArtifactRecord, Reporter, RunOutcome, TaskTransition } from './reporter.ts';

export class MemoryReporter implements Reporter {
  readonly starts: RunInfo[] = [];
  readonly tasks: TaskTransition[] = [];
  readonly lines: LogLine[] = [];
  readonly artifacts: ArtifactRecord[] = [];
  readonly ends: RunOutcome[] = [];

  started(run: RunInfo): void {
    this.starts.push(run);
  }

  task(transition: TaskTransition): void {
    this.tasks.push(transition);
  }

  log(line: LogLine): void {
    this.lines.push(line);
  }

  artifact(artifact: ArtifactRecord): void {
    this.artifacts.push(artifact);
  }

  ended(outcome: RunOutcome): void {
    this.ends.push(outcome);
  }

  /** State names a task run went through, by its key. */
  statesOf(taskKey: string): string[] {
    return this.tasks.filter((task) => task.taskKey === taskKey).map((task) => task.stateName);
  }

  /** The last transition of a task run, by its key. */
  last(taskKey: string): TaskTransition | undefined {
    return this.tasks.findLast((task) => task.taskKey === taskKey);
  }
}
