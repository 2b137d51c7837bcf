/** Events: appended with the change, positioned by one sequencer, read by position. */
export { eventCalls } from './calls.ts';
export { startEvents } from './loop.ts';
export { eventsRouter } from './router.ts';
export { sequence } from './sequence.ts';
