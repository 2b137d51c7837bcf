/** What a workspace uses, and how much of it it may. */
import { z } from 'zod';
import { instantSchema } from '../time.ts';

/** What is counted as it happens. */
export const METERED = ['apiCalls', 'events', 'logBytes', 'runs'] as const;
export type Metered = (typeof METERED)[number];

/** One bound of one kind; `now` is how many there are at once. */
export const USAGE_SPANS = ['minute', 'day', 'now'] as const;
export type UsageSpan = (typeof USAGE_SPANS)[number];

export const usageLimitSchema = z.object({
  span: z.enum(USAGE_SPANS),
  /** Null: unlimited. */
  most: z.number().int().nullable(),
  used: z.number().int(),
  /** When all of it may be used again; null for what is freed by hand, and without a bound. */
  resetAt: instantSchema.nullable(),
  /** Whose number it is: the installation's default, or set by its operator for this workspace, and why. */
  source: z.enum(['default', 'operator']),
  reason: z.string().nullable(),
});

export const usageSchema = z.object({
  /** Counts are at most some two seconds behind. */
  asOf: instantSchema,
  kinds: z.array(
    z.object({
      kind: z.enum([...METERED, 'agents']),
      limits: z.array(usageLimitSchema),
      /** Since midnight UTC; null for what is not refused by the piece. */
      refusedToday: z.number().int().nullable(),
    }),
  ),
  /** Bounds that are the same for every workspace. */
  fixed: z.array(z.object({ name: z.string(), most: z.number(), unit: z.string() })),
});
export type Usage = z.infer<typeof usageSchema>;

export const usageHistoryInput = z.object({
  by: z.enum(['hour', 'day']).default('hour'),
  /** Days back, today included. */
  days: z.number().int().min(1).max(90).default(1),
});

export const usageHistorySchema = z.object({
  /** Oldest first; hours and days in which nothing was used are left out. */
  items: z.array(z.object({ at: instantSchema, kind: z.enum(METERED), used: z.number().int(), refused: z.number().int() })),
});
export type UsageHistory = z.infer<typeof usageHistorySchema>;
