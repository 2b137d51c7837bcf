/** Blocks of a workspace, and their types. */
export { blockCalls } from './calls.ts';
export { blocksRouter } from './router.ts';
