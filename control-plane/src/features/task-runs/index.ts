/** Task runs: their transitions as agents report them, and reading how they stand. */
export { listTaskRuns } from './list-task-runs.ts';
export { type TaskRunRow, upsertTaskRuns, withEnds } from './store.ts';
