/** What other rooms may call of limits. */
export { limitCalls } from './calls.ts';
export { startLimitLoop } from './loop.ts';
export { limitsRouter } from './router.ts';
