import type { RunId } from '@signalbox/proto';
import type { RunDetail, StoredLogLine, TaskRun } from '@signalbox/proto/api';
import type { Api } from './router.ts';
import type { WatchRunOptions } from './run-update.ts';

const TASKS_PAGE = 1_000;
const LOGS_PAGE = 1_000;

/** What one reading found. `tasks` is null when not asked for, or the same as last time. */
export interface RunReading {
  readonly run: RunDetail;
  readonly runChanged: boolean;
  readonly tasks: readonly TaskRun[] | null;
  readonly lines: readonly StoredLogLine[];
}

/** Reads a run again and again, remembering what it has told: one HTTP request a time while pages suffice. */
export function createRunReader(api: Api, run: RunId, options: WatchRunOptions): (signal: AbortSignal) => Promise<RunReading> {
  const wantsTasks = options.tasks ?? true;
  const wantsLogs = options.logs ?? true;
  const level = typeof wantsLogs === 'string' ? { minLevel: wantsLogs } : {};
  let after = options.logsAfter;
  let lastRun = '';
  let lastTasks = '';

  async function readTasks(signal: AbortSignal): Promise<TaskRun[]> {
    const tasks: TaskRun[] = [];
    let cursor: string | undefined;
    do {
      const page = await api.runs.taskRuns.query({ run, limit: TASKS_PAGE, cursor }, { signal });
      tasks.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return tasks;
  }

  async function readLogs(signal: AbortSignal): Promise<StoredLogLine[]> {
    const lines: StoredLogLine[] = [];
    for (;;) {
      const page = await api.runs.logs.query({ run, after, limit: LOGS_PAGE, ...level }, { signal });
      lines.push(...page.lines);
      after = page.lines.at(-1)?.position ?? after;
      if (page.lines.length < LOGS_PAGE) return lines;
    }
  }

  return async (signal) => {
    // Called in one tick, these three share a request. The run is read no later than its logs, never after them.
    const [detail, tasks, lines] = await Promise.all([
      api.runs.get.query({ run }, { signal }),
      wantsTasks ? readTasks(signal) : null,
      wantsLogs === false ? [] : readLogs(signal),
    ]);
    const runText = JSON.stringify(detail);
    const tasksText = JSON.stringify(tasks);
    const reading = {
      run: detail,
      runChanged: runText !== lastRun,
      tasks: tasks && tasksText !== lastTasks && !(lastTasks === '' && tasks.length === 0) ? tasks : null,
      lines,
    };
    lastRun = runText;
    lastTasks = tasksText;
    return reading;
  };
}
