import type { RunDetail, RunPause, TaskRun } from '@signalbox/proto/api';
import { formatMs } from '../../../duration.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { stateLabel } from '../../output/run-state.ts';
import { clock, instant } from '../../output/time.ts';
import { harmless } from '../../output/width.ts';
import { findRun } from './find-run.ts';

const TASKS_SHOWN = 30;
const JSON_LINES = 40;

export async function showRun(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const client = await context.client();
  const id = await findRun(client, ref);
  if (context.json) return context.printJson(await client.runs.get.query({ run: id }));
  const [run, tasks] = await Promise.all([client.runs.get.query({ run: id }), client.runs.taskRuns.query({ run: id })]);
  const { style, host } = context;
  const now = host.now();
  context.print(`${stateLabel(run.state, style)}  ${style.bold(run.name)}`, '');
  context.printFields([
    ['id', run.id],
    ['deployment', `${run.flow.name}/${run.deployment.name}`],
    ['kind', run.kind === 'task' ? 'task in the background' : null],
    ['message', run.state.message ? harmless(run.state.message) : null],
    ['waiting for', run.waitingFor.join('\n')],
    ['asks', run.pause && pauseOf(run.pause, run.name, now)],
    ['created', `${instant(run.createdAt, now)} by ${run.createdBy}`],
    ['due', run.startedAt ? null : instant(run.dueAt, now)],
    ['started', instant(run.startedAt, now)],
    ['ended', instant(run.endedAt, now)],
    ['took', run.durationMs === null ? null : formatMs(run.durationMs)],
    ['parent', run.parent && `${run.parent.name} (${run.parent.id}) of ${run.parent.flow.name}/${run.parent.deployment.name}`],
    ['attempt', run.attempt > 1 || run.attempts.length > 1 ? `${run.attempt} of ${run.attempts.length}` : null],
    ['agent', run.agent?.name ?? null],
    ['pool', run.pool && `${run.pool.name} / ${run.queue ?? '-'}`],
    ['tags', run.tags.join(', ')],
    ['parameters', jsonOrNull(run.parameters.body)],
    ['result', run.result && jsonOrNull(run.result.body)],
    ['failure', failureOf(run)],
    [
      'states',
      run.states
        .map((state) => `${clock(state.at)} ${stateLabel(state, style)}${state.message ? `  ${style.dim(harmless(state.message))}` : ''}`)
        .join('\n'),
    ],
  ]);
  if (run.attempts.length > 1) printAttempts(context, run.attempts);
  if (run.children.length > 0) printChildren(context, run.children, run.childrenCursor !== null);
  if (tasks.items.length > 0) printTasks(context, tasks.items, tasks.nextCursor !== null);
}

function printAttempts(context: Context, attempts: RunDetail['attempts']): void {
  context.print('');
  context.printTable(
    attempts,
    [
      { header: 'ATTEMPT', value: (each) => String(each.attempt), align: 'right' },
      { header: 'CLAIMED', value: (each) => clock(each.claimedAt) },
      { header: 'BECAUSE', value: (each) => causeOf(each.cause), min: 16 },
      { header: 'AGENT', value: (each) => each.agent?.name ?? '-', drop: 2 },
      {
        header: 'CAME TO',
        value: (each) => [each.state ?? 'goes on', each.message && harmless(each.message)].filter(Boolean).join(': '),
        min: 12,
        drop: 1,
      },
    ],
    '',
  );
}

function causeOf({ kind, message }: RunDetail['attempts'][number]['cause']): string {
  return kind === 'first' ? 'first' : harmless(message ?? kind);
}

function printChildren(context: Context, children: RunDetail['children'], isCut: boolean): void {
  const { style } = context;
  context.print('');
  context.printTable(
    children,
    [
      { header: 'CHILD', value: (child) => child.name, min: 12 },
      { header: 'STATE', value: (child) => stateLabel(child.state, style) },
      { header: 'DEPLOYMENT', value: (child) => `${child.flow.name}/${child.deployment.name}`, min: 12, drop: 2 },
      { header: 'TOOK', value: (child) => (child.durationMs === null ? '-' : formatMs(child.durationMs)), align: 'right', drop: 1 },
      { header: 'ID', value: (child) => style.dim(child.id), drop: 3 },
    ],
    '',
  );
  if (isCut) context.note(style.dim('and more children, see the console'));
}

function printTasks(context: Context, tasks: readonly TaskRun[], isCut: boolean): void {
  const { style } = context;
  context.print('');
  context.printTable(
    tasks.slice(0, TASKS_SHOWN),
    [
      { header: 'TASK', value: (task) => task.name, min: 12 },
      { header: 'STATE', value: (task) => stateLabel(task.state, style) },
      { header: 'TRIES', value: (task) => String(task.attempt), align: 'right', drop: 2 },
      { header: 'TOOK', value: tookOf, align: 'right', drop: 1 },
      {
        header: 'MESSAGE',
        value: (task) => harmless(task.failure?.message ?? task.state.message ?? '').split('\n')[0] ?? '',
        min: 16,
        drop: 3,
      },
    ],
    '',
  );
  const more = tasks.length - TASKS_SHOWN;
  if (more > 0) context.note(style.dim(`and ${more}${isCut ? ' or more' : ''} further tasks`));
}

function tookOf(task: TaskRun): string {
  return task.startedAt && task.endedAt ? formatMs(Date.parse(task.endedAt) - Date.parse(task.startedAt)) : '-';
}

/** What it asks a person, until when, and how to answer. */
function pauseOf(pause: RunPause, name: string, now: number): string {
  const fields = Object.keys((pause.inputSchema?.['properties'] ?? {}) as object);
  const answer = fields.map((field) => ` --param ${harmless(field)}=...`).join('');
  return [
    harmless(pause.message ?? pause.key),
    `by ${pause.askedBy ? harmless(pause.askedBy) : 'its flow'}, ${instant(pause.askedAt, now)}${pause.inEffect ? '' : '; its process has not stopped yet'}`,
    pause.expiresAt ? `fails ${instant(pause.expiresAt, now)} unless it is resumed` : null,
    pause.inEffect ? `signalbox runs resume ${name}${answer}` : null,
  ]
    .filter((line) => line !== null)
    .join('\n');
}

function failureOf(run: RunDetail): string | null {
  if (!run.failure) return null;
  const { kind, name, message, stack } = run.failure;
  // Most stacks begin with the message.
  return (stack?.includes(message) ? stack : [`${name ?? kind}: ${message}`, stack].filter(Boolean).join('\n'))
    .split('\n')
    .map((line) => harmless(line))
    .join('\n');
}

/** A value on one line when it is short, else indented and cut. */
function jsonOrNull(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const short = JSON.stringify(value);
  if (short.length <= 72) return harmless(short);
  const lines = JSON.stringify(value, null, 2)
    .split('\n')
    .map((line) => harmless(line));
  return lines.length <= JSON_LINES
    ? lines.join('\n')
    : [...lines.slice(0, JSON_LINES), `... ${lines.length - JSON_LINES} more lines, see --json`].join('\n');
}
