export { workPoolsRouter } from './router.ts';
export { ensureWorkPool } from './service.ts';
export { findPoolRow } from './store/pools.ts';
export type { PoolWithTemplate } from './store/template.ts';
export { checkVariables, findTemplate } from './template.ts';
