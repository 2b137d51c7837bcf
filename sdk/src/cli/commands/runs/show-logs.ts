import type { StoredLogLine, TaskRun } from '@signalbox/proto/api';
import type { LogLevel } from '@signalbox/proto/messages';
import { LOG_LEVELS } from '@signalbox/proto/messages';
import type { Client } from '../../../client/index.ts';
import { InterruptedError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { oneOf } from '../../option-values.ts';
import { formatLogLine } from '../../output/log-line.ts';
import { findRun } from './find-run.ts';

interface LogsOptions extends GlobalOptions {
  follow?: boolean;
  level?: string;
  limit?: number;
}

const PAGE = 5_000;

/** With `--json`: the API's page; with `--follow` as well, one line of JSON per log line, as they come. */
export async function showLogs(context: Context, options: LogsOptions, ref: string): Promise<void> {
  const client = await context.client();
  const run = await findRun(client, ref);
  const minLevel = options.level === undefined ? undefined : oneOf<LogLevel>('level', options.level, LOG_LEVELS);
  const tasks = new Map<number, string>();
  const learn = (items: readonly TaskRun[]) => {
    for (const task of items) tasks.set(task.ordinal, task.name);
  };
  const show = (lines: readonly StoredLogLine[]) => {
    for (const line of lines) {
      if (context.json) context.printJson(line, 'compact');
      else context.print(formatLogLine(line, tasks, context.style));
    }
  };

  // Following without --limit begins at the first line by itself.
  const isWhole = options.follow === true && options.limit === undefined;
  const lines = isWhole ? [] : await readAll(client, run, minLevel);
  if (!isWhole && !context.json) learn((await client.runs.taskRuns.query({ run, limit: 1_000 })).items);
  const shown = options.limit === undefined ? lines : lines.slice(Math.max(0, lines.length - options.limit));
  if (options.follow) show(shown);
  else if (context.json) return context.printJson({ lines: shown, next: lines.at(-1)?.position ?? null });
  else if (lines.length === 0) return context.note('No log lines yet.');
  else return show(shown);

  for await (const update of client.watchRun(run, {
    signal: context.host.signal,
    logs: minLevel ?? true,
    logsAfter: lines.at(-1)?.position,
  })) {
    if (update.kind === 'tasks') learn(update.tasks);
    if (update.kind === 'logs') show(update.lines);
  }
  if (context.host.signal.aborted) throw new InterruptedError(`The run goes on. Follow it again: signalbox runs logs ${run} --follow`);
}

async function readAll(client: Client, run: Parameters<Client['watchRun']>[0], minLevel: LogLevel | undefined): Promise<StoredLogLine[]> {
  const lines: StoredLogLine[] = [];
  for (;;) {
    const page = await client.runs.logs.query({ run, minLevel, limit: PAGE, after: lines.at(-1)?.position });
    lines.push(...page.lines);
    if (page.lines.length < PAGE) return lines;
  }
}
