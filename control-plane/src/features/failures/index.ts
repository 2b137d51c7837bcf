/** The failure inbox: what failed, grouped by its cause. */
export { startFailureGroups } from './loop.ts';
export { failuresRouter } from './router.ts';
