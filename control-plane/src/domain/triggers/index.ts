/** Does this event, or its absence, satisfy a trigger: filters, windows, counts. */
export { replay } from './replay.ts';
