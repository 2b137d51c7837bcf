import { z } from 'zod';

/**
 * What happens to a run that finds its limit full: `ENQUEUE` waits for a slot; `CANCEL_NEW` is cancelled; `CANCEL_OLD`
 * cancels the runs that hold slots longest, and waits for theirs.
 */
export const COLLISION_STRATEGIES = ['ENQUEUE', 'CANCEL_NEW', 'CANCEL_OLD'] as const;
export type CollisionStrategy = (typeof COLLISION_STRATEGIES)[number];

/**
 * Text with places for parameters: `{{ parameters.customer }}`, `{{ parameters.region }}-{{ parameters.customer.id }}`.
 * Runs for which it comes to the same text share what it keys.
 */
export const keyTemplateSchema = z
  .string()
  .trim()
  .max(200)
  .regex(
    /^(?=.*\{\{)(?:[^{}]|\{\{\s*parameters(?:\.[A-Za-z0-9_-]{1,100}){1,10}\s*\}\})+$/s,
    'expected text with places such as {{ parameters.customer }} or {{ parameters.region.name }}',
  );

/** How many runs of a deployment may run at once, and what a run does that finds no slot. */
export const concurrencySchema = z.object({
  /** Most runs at once: of each value of `key`, or without a key of the deployment. */
  limit: z.number().int().min(1).max(100_000),
  key: keyTemplateSchema.nullable().default(null),
  strategy: z.enum(COLLISION_STRATEGIES).default('ENQUEUE'),
  /** How long a run may hold its slot before it has started, 1 min to 1 d; null: as long as its launcher may take to start it. */
  gracePeriodMs: z.number().int().min(60_000).max(86_400_000).nullable().default(null),
});
export type Concurrency = z.infer<typeof concurrencySchema>;
