/** Causes and effects of an event, over what events say they follow and what automations did. */
export { eventGraph } from './router.ts';
