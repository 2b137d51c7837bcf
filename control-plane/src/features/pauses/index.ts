/** Runs that wait for a person: their questions, and the answers. */

export { approverOf, mayAnswer, namesOf } from './approvers.ts';
export { pauseCalls } from './calls.ts';
export { expireQuestions } from './expire.ts';
export { listQuestions } from './list-questions.ts';
export { startReminders } from './remind.ts';
export { showPause } from './show-pause.ts';
export { answerPause, findOpenPause, insertPause, voidPauses } from './store.ts';
