import type { TaskRun } from '@signalbox/proto/api';

/** Task runs of one name, counted: one row of the progress. */
export interface TaskGroup {
  readonly name: string;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly running: number;
  readonly retrying: number;
}

/** Groups in the order in which their first task run was made. */
export function groupTasks(tasks: readonly TaskRun[]): TaskGroup[] {
  const groups = new Map<string, TaskRun[]>();
  for (const task of tasks) groups.set(task.name, [...(groups.get(task.name) ?? []), task]);
  return [...groups].map(([name, members]) => {
    const count = (...types: TaskRun['state']['type'][]) => members.filter((task) => types.includes(task.state.type)).length;
    return {
      name,
      total: members.length,
      completed: count('COMPLETED'),
      failed: count('FAILED', 'CRASHED', 'CANCELLED'),
      running: count('RUNNING'),
      retrying: count('SCHEDULED'),
    };
  });
}

/** `██████░░░░`: ended, of those known so far. */
export function progressBar(
  group: Pick<TaskGroup, 'total' | 'completed' | 'failed'>,
  cells: number,
): { done: string; failed: string; rest: string } {
  const share = (count: number) => Math.round((count / Math.max(1, group.total)) * cells);
  const done = share(group.completed);
  const failed = Math.min(cells - done, group.failed > 0 ? Math.max(1, share(group.failed)) : 0);
  return { done: '█'.repeat(done), failed: '█'.repeat(failed), rest: '░'.repeat(cells - done - failed) };
}
