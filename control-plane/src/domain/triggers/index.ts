/** Does this event, or its absence, satisfy a trigger: filters, windows, counts. */
export { fitsPattern } from './match.ts';
export { replay } from './replay.ts';
export { type Bucket, initialBuckets } from './step.ts';
