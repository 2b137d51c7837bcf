/** What other rooms may call of dispatch. */
export { afterCommit, type AfterCommit, type AfterCommitCtx } from './after-commit.ts';
export { effectsOfInsert, type InsertedRun, insertRuns, newRunIds, type NewRun } from './store/insert-runs.ts';
export { type TransitionRequest, type TransitionResult, type Transitions, transitionRun, transitionRuns } from './transition.ts';
