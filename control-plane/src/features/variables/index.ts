/** Variables of a workspace. */
export { variableCalls } from './calls.ts';
export { variablesRouter } from './router.ts';
export { findVariable } from './store.ts';
