export { workPoolsRouter } from './router.ts';
export { ensureWorkPool } from './service.ts';
export { findPoolRow, type PoolRef } from './store.ts';
