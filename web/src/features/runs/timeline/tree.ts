/** Task runs as the rows of the timeline: children right under their parent, in order of creation. */
import type { TaskRun } from '@signalbox/proto/api';

export interface TimelineRow {
  readonly task: TaskRun;
  /** 0 for a task the flow itself called. */
  readonly depth: number;
  readonly childCount: number;
  readonly isFolded: boolean;
}

/** Rows in sight. A task whose parent is unknown (not told yet) stands at the top level rather than vanish. */
export function timelineRows(tasks: readonly TaskRun[], folded: ReadonlySet<number>): TimelineRow[] {
  const known = new Set(tasks.map((task) => task.ordinal));
  const children = new Map<number, TaskRun[]>();
  for (const task of [...tasks].sort((one, other) => one.ordinal - other.ordinal)) {
    // A parent is always created first; anything else would be a circle.
    const parent =
      task.parentOrdinal !== null && task.parentOrdinal < task.ordinal && known.has(task.parentOrdinal) ? task.parentOrdinal : 0;
    const siblings = children.get(parent);
    if (siblings) siblings.push(task);
    else children.set(parent, [task]);
  }
  const rows: TimelineRow[] = [];
  const add = (parent: number, depth: number): void => {
    for (const task of children.get(parent) ?? []) {
      const childCount = children.get(task.ordinal)?.length ?? 0;
      const isFolded = childCount > 0 && folded.has(task.ordinal);
      rows.push({ task, depth, childCount, isFolded });
      if (!isFolded) add(task.ordinal, depth + 1);
    }
  };
  add(0, 0);
  return rows;
}
