/** What other rooms may call of children. */
export { childrenCalls } from './calls.ts';
