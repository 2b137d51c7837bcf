/**
 * A run in a terminal: log lines and states scroll by; below them stands a block with the state and the progress of
 * the tasks, which is redrawn in place. The block never wraps (a wrapped line could not be taken back) and never fills
 * the screen.
 */
import { isTerminal } from '@signalbox/proto';
import type { RunDetail, TaskRun } from '@signalbox/proto/api';
import type { RunUpdate } from '../../client/index.ts';
import { formatMs } from '../../duration.ts';
import type { Context } from '../context.ts';
import { formatLogLine } from '../output/log-line.ts';
import { stateIcon, stateLabel } from '../output/run-state.ts';
import { clock } from '../output/time.ts';
import { cutTo, harmless, pad, widthOf } from '../output/width.ts';
import { endLines } from './end-lines.ts';
import type { TaskGroup } from './task-groups.ts';
import { groupTasks, progressBar } from './task-groups.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 120;
const BAR_CELLS = 20;
const NAME_MAX = 24;

export class TerminalView {
  readonly #context: Context;
  readonly #taskNames = new Map<number, string>();
  readonly #toldTasks = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #drawn = 0;
  #frame = 0;
  #run: RunDetail | null = null;
  #groups: readonly TaskGroup[] = [];
  #lastState = '';
  #offline: string | null = null;

  constructor(context: Context) {
    this.#context = context;
    context.host.stdout.write('\u001b[?25l');
    this.#timer = setInterval(() => {
      this.#frame++;
      this.#draw();
    }, FRAME_MS);
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
        this.#draw(update.lines.map((line) => formatLogLine(line, this.#taskNames, this.#context.style)));
        break;
      case 'connection':
        this.#offline = update.connected ? null : (update.error?.message ?? 'the control plane does not answer');
        this.#draw();
        break;
      default:
        update satisfies never;
    }
  }

  /** Leaves the last state of the block on the screen, and the cursor as it was. */
  close(): void {
    clearInterval(this.#timer);
    this.#draw();
    this.#context.host.stdout.write('\u001b[?25h');
  }

  #showRun(run: RunDetail): void {
    const { style } = this.#context;
    const lines: string[] = [];
    if (this.#run === null) lines.push(`${style.bold(run.name)}  ${run.flow.name}/${run.deployment.name}  ${style.dim(run.id)}`);
    const key = `${run.state.name} ${run.state.at}`;
    if (key !== this.#lastState && !isTerminal(run.state.type)) {
      const why = run.state.message ? style.dim(`  ${harmless(run.state.message)}`) : '';
      lines.push(`${style.dim(clock(run.state.at))} ${stateLabel(run.state, style)}${why}`);
    }
    this.#lastState = key;
    this.#run = run;
    this.#draw(lines);
  }

  #showTasks(tasks: readonly TaskRun[]): void {
    const { style } = this.#context;
    const lines: string[] = [];
    for (const task of tasks) {
      this.#taskNames.set(task.ordinal, task.name);
      // Only what went wrong is worth a line of its own; the block counts the rest.
      const isBad = task.state.type === 'FAILED' || task.state.type === 'CRASHED' || task.state.type === 'SCHEDULED';
      const key = `${task.epoch} ${task.ordinal} ${task.attempt} ${task.state.name}`;
      if (!isBad || this.#toldTasks.has(key)) continue;
      this.#toldTasks.add(key);
      const why = harmless((task.failure?.message ?? task.state.message ?? '').split('\n')[0] ?? '');
      lines.push(
        `${style.dim(clock(task.endedAt ?? task.startedAt ?? new Date(this.#context.host.now()).toISOString()))} ${stateLabel(task.state, style)} ${style.cyan(task.name)}${why ? `  ${why}` : ''}`,
      );
    }
    this.#groups = groupTasks(tasks);
    this.#draw(lines);
  }

  /** Takes the block back, writes `above` where it stood, and draws the block again under it, in one write. */
  #draw(above: readonly string[] = []): void {
    const { stdout } = this.#context.host;
    const width = (stdout.columns ?? 80) - 1;
    const block = this.#block(Math.max(3, (stdout.rows ?? 24) - 4)).map((line) => cutTo(harmless(line, true), width));
    const back = this.#drawn > 0 ? `\u001b[${this.#drawn}A\r\u001b[J` : '';
    stdout.write(back + [...above.map((line) => harmless(line, true)), ...block].map((line) => `${line}\n`).join(''));
    this.#drawn = block.length;
  }

  #block(maxLines: number): string[] {
    const { style, host } = this.#context;
    const run = this.#run;
    if (!run) return [];
    const shown = this.#groups.slice(-(maxLines - 3));
    const nameWidth = Math.min(NAME_MAX, Math.max(0, ...shown.map((group) => widthOf(group.name))));
    const rows = shown.map((group) => this.#row(group, nameWidth));
    if (shown.length < this.#groups.length) rows.unshift(style.dim(`  and ${this.#groups.length - shown.length} further tasks`));
    if (isTerminal(run.state.type)) return ['', ...rows, ...endLines(run, style)];
    const spinner = style.cyan(FRAMES[this.#frame % FRAMES.length] ?? '');
    const since = host.now() - Date.parse(run.startedAt ?? run.createdAt);
    const waiting = run.waitingFor[0] && !run.startedAt ? style.dim(`  ${harmless(run.waitingFor[0])}`) : '';
    const note = this.#offline ? style.yellow(`  ${this.#offline}; the run goes on`) : waiting;
    return ['', ...rows, `${spinner} ${run.state.name}  ${style.dim(formatMs(Math.max(0, since)))}${note}`];
  }

  #row(group: TaskGroup, nameWidth: number): string {
    const { style } = this.#context;
    const name = pad(cutTo(group.name, nameWidth), nameWidth);
    const extra = [
      group.running > 0 && style.blue(`${group.running} running`),
      group.retrying > 0 && style.yellow(`${group.retrying} waiting to retry`),
      group.failed > 0 && style.red(`${group.failed} failed`),
    ].filter(Boolean);
    if (group.total === 1) {
      const type = group.completed
        ? 'COMPLETED'
        : group.failed
          ? 'FAILED'
          : group.retrying
            ? 'SCHEDULED'
            : group.running
              ? 'RUNNING'
              : 'PENDING';
      return `  ${name}  ${stateIcon(type, style)}${group.retrying ? style.yellow(' waiting to retry') : ''}`;
    }
    const bar = progressBar(group, BAR_CELLS);
    return `  ${name}  ${style.green(bar.done)}${style.red(bar.failed)}${style.dim(bar.rest)} ${group.completed}/${group.total}  ${extra.join('  ')}`.trimEnd();
  }
}
