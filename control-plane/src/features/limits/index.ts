/** What other rooms may call of limits. */
export { limitCalls } from './calls.ts';
