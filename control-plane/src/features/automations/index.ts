/** Automations: triggers over events, firings, and actions through an outbox. */
export { automationsRouter } from './router.ts';
