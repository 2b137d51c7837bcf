/** Runs that wait for a person: their questions, and the answers. */
export { pauseCalls } from './calls.ts';
export { showPause } from './show-pause.ts';
export { answerPause, findOpenPause, insertPause, voidPauses } from './store.ts';
