/** Events: appended with the change, positioned by one sequencer, read by position. */
export { startEvents } from './loop.ts';
export { eventsRouter } from './router.ts';
export { sequence } from './sequence.ts';
