import type { TaskRunStateType } from '@signalbox/proto';
import type { RunDetail, TaskRun } from '@signalbox/proto/api';
import type { RunUpdate } from '../../client/index.ts';
import type { Context } from '../context.ts';
import { formatLogLine } from '../output/log-line.ts';
import { stateLabel } from '../output/run-state.ts';
import { clock } from '../output/time.ts';
import { harmless, pad } from '../output/width.ts';
import { endLines } from './end-lines.ts';

const TOLD: ReadonlySet<TaskRunStateType> = new Set(['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED', 'SCHEDULED']);

/** A run as plain lines, one after the other: for pipes, files and CI. Nothing is ever redrawn. */
export class LineView {
  readonly #context: Context;
  readonly #taskNames = new Map<number, string>();
  readonly #taskStates = new Map<string, string>();
  #state = '';

  constructor(context: Context) {
    this.#context = context;
  }

  show(update: RunUpdate): void {
    switch (update.kind) {
      case 'run':
        this.#showRun(update.run);
        break;
      case 'tasks':
        this.#showTasks(update.tasks);
        break;
      case 'logs':
        this.#context.print(...update.lines.map((line) => formatLogLine(line, this.#taskNames, this.#context.style)));
        break;
      case 'connection':
        this.#context.note(
          update.connected ? 'The control plane answers again.' : `${update.error?.message}; the run goes on, trying again`,
        );
        break;
      default:
        update satisfies never;
    }
  }

  close(): void {}

  #showRun(run: RunDetail): void {
    const { style } = this.#context;
    const key = `${run.state.name} ${run.state.at} ${run.waitingFor.join()}`;
    if (key === this.#state) return;
    if (this.#state === '') this.#context.print(`${run.name} (${run.flow.name}/${run.deployment.name}) ${run.id}`);
    this.#state = key;
    const start = `${style.dim(clock(run.state.at))} ${pad('run', 6)}`;
    const [end, ...reasons] = endLines(run, style);
    if (end !== undefined) {
      this.#context.print(`${start} ${end}`, ...reasons);
      return;
    }
    const why = run.state.message ?? run.waitingFor[0];
    this.#context.print(`${start} ${stateLabel(run.state, style)}${why ? `: ${harmless(why)}` : ''}`);
  }

  /** Tasks of one name that came to one state together make one line, so that a thousand mapped tasks stay readable. */
  #showTasks(tasks: readonly TaskRun[]): void {
    const { style } = this.#context;
    const groups = new Map<string, TaskRun[]>();
    for (const task of tasks) {
      this.#taskNames.set(task.ordinal, task.name);
      const [id, state] = [`${task.epoch} ${task.ordinal}`, `${task.state.name} ${task.attempt}`];
      if (this.#taskStates.get(id) === state) continue;
      this.#taskStates.set(id, state);
      if (!TOLD.has(task.state.type)) continue;
      const group = `${task.name} ${task.state.name}`;
      groups.set(group, [...(groups.get(group) ?? []), task]);
    }
    for (const group of groups.values()) {
      const [task] = group;
      if (!task) continue;
      const many = group.length > 1 ? ` x${group.length}` : '';
      const why = task.failure?.message ?? task.state.message;
      const at = task.endedAt ?? task.startedAt;
      this.#context.print(
        `${at ? style.dim(clock(at)) : '        '} ${pad('task', 6)} ${style.cyan(task.name)} ${stateLabel(task.state, style)}${many}${why ? `: ${harmless(why.split('\n')[0] ?? '')}` : ''}`,
      );
    }
  }
}
