import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';

/** A run that stands in the way: it holds a slot, or goes first. */
export const blockingRunSchema = z.object({
  run: idSchema('run'),
  name: z.string(),
  /** `flow/deployment`. */
  deployment: z.string(),
  /** Name of the agent that has it, or null while none does. */
  agent: z.string().nullable(),
  since: instantSchema,
});
export type BlockingRun = z.infer<typeof blockingRunSchema>;

/** One thing that keeps a run from running. */
export const blockerSchema = z.object({
  /** Kebab-case, stable: `not-due`, `pool-paused`, `deployment-full`, `behind` ... New kinds come; show `message` for those you do not know. */
  kind: z.string(),
  /** What is in the way, one sentence. */
  message: z.string(),
  /** Since when, or null when nobody knows. */
  since: instantSchema.nullable(),
  /** Runs in the way, those longest there first; at most ten are named. */
  holders: z.array(blockingRunSchema),
  /** How many there are altogether. */
  holderCount: z.number().int(),
  /** What would end it, one sentence. */
  frees: z.string(),
});
export type Blocker = z.infer<typeof blockerSchema>;

/**
 * Why a run does not run, from the facts that a claim decides by. Empty for a run that waits: the next claim of an agent
 * gives it out. Empty too for one that runs or has ended; one that is paused, lost or being cancelled says what it waits for.
 */
export const explanationSchema = z.object({
  run: idSchema('run'),
  state: z.object({ type: z.string(), name: z.string() }),
  /** The instant of the facts. */
  at: instantSchema,
  blockers: z.array(blockerSchema),
});
export type Explanation = z.infer<typeof explanationSchema>;
