/** Variables of a workspace, and the events that flows emit. */
export { workspaceCalls } from './calls.ts';
export { variablesRouter } from './router.ts';
