/** What other rooms may call of limits. */
export { limitCalls } from './calls.ts';
export { type LimitWait, readLimitWaits } from './limit-waits.ts';
export { startLimitLoop } from './loop.ts';
export { limitsRouter } from './router.ts';
