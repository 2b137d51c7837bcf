/** What other rooms may call of runs. */

export { cancelRun } from './cancel-run.ts';
export { countFitting } from './count-runs.ts';
export { createRun } from './create-run.ts';
export { deleteRecords } from './delete-records.ts';
export { deleteRun } from './delete-run.ts';
export { floorOf, IN_ORDER, idBoundsOf, matching, resolveFilter, scanBack, statement } from './filter/index.ts';
export { suspendRun } from './hold-run.ts';
export { canonical, claimKey, hashBody } from './idempotency.ts';
export { actorName } from './move-run.ts';
export { checkSize, findQueueForRun, mergeParameters, requireRunnableIn } from './new-run.ts';
export { resumeRun } from './resume-run.ts';
export { retryRun } from './retry-run.ts';
export { runsRouter } from './router.ts';
export { setRunState, TITLE } from './set-run-state.ts';
