/** What other rooms may call of runs. */
export { canonical, claimKey, hashBody } from './idempotency.ts';
export { checkSize, mergeParameters, requireRunnableIn } from './new-run.ts';
export { runsRouter } from './router.ts';
