/** Draws a run as it goes: a line per state, per task that ends or retries, per log line; a bar of tasks below. */
import type { RunDetail, StoredLogLine, TaskRun } from '@signalbox/proto/api';
import type { RunUpdate } from '@signalbox/sdk/client';
import { colors as pc } from './colors.ts';
import type { Terminal } from './terminal.ts';

export function demoView(terminal: Terminal): (update: RunUpdate) => void {
  const shownStates = new Set<string>();
  const shownTasks = new Map<string, string>();

  const showRun = (run: RunDetail) => {
    for (const state of run.states) {
      const key = `${state.at} ${state.name}`;
      if (shownStates.has(key)) continue;
      shownStates.add(key);
      terminal.line(
        `${clock(state.at)} ${paint(state.type)(pc.bold(state.name.padEnd(13)))} ${run.name}${state.message ? pc.dim(` (${state.message})`) : ''}`,
      );
    }
  };
  const showTasks = (tasks: readonly TaskRun[]) => {
    for (const task of tasks) {
      const key = `${task.epoch}/${task.ordinal}`;
      const now = `${task.state.name}/${task.attempt}`;
      if (shownTasks.get(key) === now) continue;
      shownTasks.set(key, now);
      if (isWorthALine(task))
        terminal.line(
          `${clock(task.endedAt ?? task.startedAt)} ${paint(task.state.type)(`${mark(task.state.type)} ${task.name}`)} ${pc.dim(taskNote(task))}`,
        );
    }
    const ended = tasks.filter((task) => task.endedAt !== null).length;
    terminal.bar(tasks.length === 0 ? 0 : ended / tasks.length, `${ended} of ${tasks.length} tasks`);
  };
  const showLogs = (lines: readonly StoredLogLine[]) => {
    for (const line of lines) terminal.line(`${clock(line.at)} ${pc.dim(line.level.padEnd(5))} ${line.message}`);
  };

  return (update) => {
    switch (update.kind) {
      case 'run':
        return showRun(update.run);
      case 'tasks':
        return showTasks(update.tasks);
      case 'logs':
        return showLogs(update.lines);
      case 'connection':
        return terminal.warn(
          update.connected ? 'The control plane answers again' : 'The control plane does not answer; the run goes on without it',
        );
    }
  };
}

/** A task that merely waits or starts says nothing new: the bar shows it. */
const isWorthALine = (task: TaskRun): boolean =>
  task.endedAt !== null || task.state.name === 'Retrying' || task.state.name === 'AwaitingRetry';

function taskNote(task: TaskRun): string {
  const took = task.startedAt && task.endedAt ? `${Date.parse(task.endedAt) - Date.parse(task.startedAt)} ms` : task.state.name;
  const why = task.state.message ?? '';
  return [took, task.attempt > 1 ? `attempt ${task.attempt}` : '', why].filter((part) => part !== '').join(', ');
}

const mark = (type: string): string => (type === 'COMPLETED' ? '✓' : type === 'FAILED' || type === 'CRASHED' ? '✗' : '↻');

function paint(type: string): (text: string) => string {
  if (type === 'COMPLETED') return pc.green;
  if (type === 'FAILED' || type === 'CRASHED') return pc.red;
  if (type === 'RUNNING') return pc.cyan;
  return pc.yellow;
}

const clock = (at: string | null): string => pc.dim((at === null ? new Date() : new Date(at)).toLocaleTimeString('en-GB'));
