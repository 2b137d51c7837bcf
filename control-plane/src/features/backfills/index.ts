/** Runs for instants of the past, made as fast as they end; paused, resumed and cancelled by people. */
export { startBackfills } from './loop.ts';
export { backfillsRouter } from './router.ts';
