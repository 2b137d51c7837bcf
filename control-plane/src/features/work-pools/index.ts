export { pauseWorkQueue, resumeWorkQueue } from './queues.ts';
export { workPoolsRouter } from './router.ts';
export { ensureWorkPool, pauseWorkPool, resumeWorkPool } from './service.ts';
export { findPoolRow, POOL_STATUS_OF_P } from './store/pools.ts';
export type { PoolWithTemplate } from './store/template.ts';
export { checkVariables, findTemplate } from './template.ts';
