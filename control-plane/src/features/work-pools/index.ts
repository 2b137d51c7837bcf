export { workPoolsRouter } from './router.ts';
export { ensureWorkPool } from './service.ts';
export { findPoolRow } from './store/pools.ts';
