import type { TaskRun } from '@signalbox/proto/api';
import { describe, expect, it } from 'vitest';
import { timelineRows } from './tree.ts';

const task = (ordinal: number, parentOrdinal: number | null = null): TaskRun => ({
  epoch: 1,
  ordinal,
  parentOrdinal,
  kind: 'task',
  name: `t${ordinal}`,
  taskKey: 't',
  upstream: [],
  failure: null,
  attempt: 1,
  state: { type: 'COMPLETED', name: 'Completed', message: null },
  startedAt: null,
  endedAt: null,
});
const shape = (tasks: TaskRun[], folded: number[] = []) =>
  timelineRows(tasks, new Set(folded)).map((row) => `${'>'.repeat(row.depth)}${row.task.ordinal}`);

describe('rows of the timeline', () => {
  it('stand under their parent, in order of creation', () => {
    expect(shape([task(4, 1), task(1), task(3), task(2, 1), task(5, 4)])).toEqual(['1', '>2', '>4', '>>5', '3']);
  });

  it('hide what is under a folded row, and count it', () => {
    expect(shape([task(1), task(2, 1), task(3, 2), task(4)], [1])).toEqual(['1', '4']);
    expect(timelineRows([task(1), task(2, 1), task(3, 1)], new Set([1]))[0]).toMatchObject({ childCount: 2, isFolded: true });
  });

  it('show a task whose parent is not known yet', () => {
    expect(shape([task(7, 3)])).toEqual(['7']);
  });

  it('never go in circles', () => {
    expect(shape([task(1, 2), task(2, 1)])).toEqual(['1', '>2']);
  });
});
