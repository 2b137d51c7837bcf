/** Prints a run for the person who started it: one line per finished task, logs, artifacts, and a summary. */
import { styleText } from 'node:util';
import type { LogLine } from '@signalbox/proto/messages';
import { formatMs } from '../duration.ts';
import type { RunInfo } from '../run-info.ts';
import { printArtifact } from './console-artifacts.ts';
import type { ArtifactRecord, Reporter, RunOutcome, TaskTransition } from './reporter.ts';

export type Style = Parameters<typeof styleText>[0];
/** Colors a text where the output wants colors (a terminal, without NO_COLOR). */
export type Paint = (style: Style, text: string) => string;

interface Output {
  readonly write: (text: string) => void;
  readonly paint: Paint;
}

const MARKS: Record<string, [string, Style]> = {
  COMPLETED: ['✓', 'green'],
  FAILED: ['✗', 'red'],
  CANCELLED: ['■', 'yellow'],
  SCHEDULED: ['↻', 'yellow'],
  PENDING: ['○', 'yellow'],
};
const LEVEL_STYLE = { debug: 'dim', info: 'reset', warn: 'yellow', error: 'red' } as const;
const STDOUT: Output = {
  write: (text) => void process.stdout.write(text),
  paint: (style, text) => styleText(style, text, { stream: process.stdout }),
};

export function consoleReporter(output: Output = STDOUT): Reporter {
  const { write, paint } = output;
  const tasks = new Map<number, TaskTransition>();
  const groups = new Map<string, { done: number; failed: number }>();
  const artifacts = new Map<number, ArtifactRecord>();
  let beganAt = 0;
  let retries = 0;

  const line = (at: string, text: string) => write(`${paint('dim', clock(at))} ${text}\n`);
  const mark = (state: string) => paint(MARKS[state]?.[1] ?? 'reset', MARKS[state]?.[0] ?? '·');
  const nameOf = (ordinal: number | null) => (ordinal === null ? '' : `${paint('cyan', tasks.get(ordinal)?.name ?? `task ${ordinal}`)}  `);

  const endedTask = (task: TaskTransition) => {
    const took = task.startedAt && task.endedAt ? ` ${paint('dim', formatMs(Date.parse(task.endedAt) - Date.parse(task.startedAt)))}` : '';
    const why = task.state === 'COMPLETED' || !task.message ? '' : `  ${paint(MARKS[task.state]?.[1] ?? 'reset', task.message)}`;
    const isUndone = task.stateName === 'RolledBack';
    line(
      task.at,
      `${mark(isUndone ? 'CANCELLED' : task.state)} ${paint('cyan', task.name)} ${task.stateName}${isUndone ? '' : took}${why}`,
    );
  };

  const endedMapped = (task: TaskTransition, mapped: NonNullable<TaskTransition['mapped']>) => {
    const id = `${task.parentOrdinal ?? ''}/${task.ordinal - mapped.index}`;
    const group = groups.get(id) ?? { done: 0, failed: 0 };
    groups.set(id, group);
    group.done++;
    if (task.state !== 'COMPLETED') {
      group.failed++;
      endedTask(task);
    }
    if (group.done < mapped.total) return;
    const good = mapped.total - group.failed;
    line(task.at, `${mark(group.failed ? 'FAILED' : 'COMPLETED')} ${paint('cyan', mapped.task)} ${good} of ${mapped.total} Completed`);
  };

  return {
    started(run: RunInfo) {
      tasks.clear();
      groups.clear();
      if (beganAt === 0) beganAt = Date.now();
      const attempt = run.attempt > 1 ? ` attempt ${run.attempt}` : '';
      write(`\n${paint('bold', run.flow)} ${paint('dim', run.name)}${attempt}\n`);
      if (Object.keys(run.parameters).length > 0) write(`${paint('dim', `parameters ${JSON.stringify(run.parameters)}`)}\n`);
    },
    task(task: TaskTransition) {
      tasks.set(task.ordinal, task);
      if (task.stateName === 'AwaitingRetry') retries++;
      if (task.endedAt === null) return;
      if (task.mapped && task.stateName !== 'RolledBack') endedMapped(task, task.mapped);
      else endedTask(task);
    },
    log(said: LogLine) {
      const facts = said.attributes ? ` ${paint('dim', JSON.stringify(said.attributes))}` : '';
      line(said.at, `  ${nameOf(said.taskOrdinal)}${paint(LEVEL_STYLE[said.level], said.message)}${facts}`);
    },
    artifact: (artifact) => void artifacts.set(artifact.ordinal, artifact),
    ended(outcome: RunOutcome, retryInMs?: number) {
      if (outcome.state !== 'COMPLETED') write(`${failureText(outcome, paint)}\n`);
      if (retryInMs !== undefined) {
        write(`${mark('SCHEDULED')} AwaitingRetry, the next attempt begins in ${formatMs(retryInMs)}\n`);
        return;
      }
      for (const artifact of artifacts.values()) write(printArtifact(artifact, paint));
      const counts = `${tasks.size} task ${tasks.size === 1 ? 'run' : 'runs'}${retries ? `, ${retries} retried` : ''}`;
      write(`\n${mark(outcome.state)} ${paint('bold', outcome.name)} in ${formatMs(Date.now() - beganAt)} ${paint('dim', counts)}\n`);
    },
  };
}

function clock(at: string): string {
  return new Date(at).toTimeString().slice(0, 8) + at.slice(19, 23);
}

/** Authors need the stack of their own error, and no stack for what is no bug: bad parameters, a stop. */
function failureText({ failure, error, state }: RunOutcome, paint: Paint): string {
  const plain = state === 'CANCELLED' || failure?.name === 'ParameterError' || failure?.kind === 'timed-out';
  return paint(state === 'CANCELLED' ? 'yellow' : 'red', plain ? (failure?.message ?? String(error)) : (failure?.stack ?? String(error)));
}
