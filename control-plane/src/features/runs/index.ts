/** What other rooms may call of runs. */

export { countFitting } from './count-runs.ts';
export { deleteRecords } from './delete-records.ts';
export { floorOf, IN_ORDER, idBoundsOf, matching, resolveFilter, scanBack, statement } from './filter/index.ts';
export { canonical, claimKey, hashBody } from './idempotency.ts';
export { actorName } from './move-run.ts';
export { checkSize, mergeParameters, requireRunnableIn } from './new-run.ts';
export { runsRouter } from './router.ts';
export { TITLE } from './set-run-state.ts';
