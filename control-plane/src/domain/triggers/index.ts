/** Does this event, or its absence, satisfy a trigger: filters, windows, counts. */
export {
  bucketKey,
  bucketsAbove,
  evaluate,
  GUARD_ID,
  hitsOf,
  indexRules,
  type KnownBuckets,
  namesOf,
  neededBuckets,
  type RuleFiring,
  type RuleIndex,
} from './evaluate.ts';
export { fitsPattern, roleOf } from './match.ts';
export { replay } from './replay.ts';
export { replayFigure, type Span } from './replay-figure.ts';
export { type StateStep, stepDeadline, stepFigure } from './state.ts';
export { type Bucket, initialBuckets, type Part, TOLERANCE_MS } from './step.ts';
