/** Events: appended with the change, positioned by one sequencer, read by position. */
export { eventCalls } from './calls.ts';
export { foreignName, OWN_EVENTS } from './catalogue.ts';
export { readEvents } from './feed-page.ts';
export { startEvents } from './loop.ts';
export { replayTrigger } from './replay-trigger.ts';
export { eventsRouter } from './router.ts';
export { sequence } from './sequence.ts';
export { type AppendedEvent, appendEvents, findEvent, findLinked, isBehind, readFeed, readHead } from './store.ts';
export { appendTaskRunChanges } from './task-run-changes.ts';
