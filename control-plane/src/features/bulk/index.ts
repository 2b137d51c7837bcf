/** Jobs that do one thing to every run a filter fits. */
export { startBulkLoop } from './loop.ts';
export { bulkRouter } from './router.ts';
export { startJob } from './start-job.ts';
