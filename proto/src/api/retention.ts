/** How long a workspace keeps its history, and what it must keep longer. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';

/** What must not go, whatever its age. `deployment` and `run` null: everything of the workspace. */
export const legalHoldSchema = z.object({
  id: idSchema('legalHold'),
  deployment: idSchema('deployment').nullable(),
  run: idSchema('run').nullable(),
  /** What the run or the deployment (`flow/name`) is called; null: everything is held, or it is gone. */
  name: z.string().nullable(),
  reason: z.string(),
  createdBy: z.string(),
  createdAt: instantSchema,
  releasedBy: z.string().nullable(),
  /** Null: in force. */
  releasedAt: instantSchema.nullable(),
});
export type LegalHold = z.infer<typeof legalHoldSchema>;

export const retentionSchema = z.object({
  /** How long runs that are created now are kept after their end. */
  days: z.number().int(),
  /** What `days` may be, ascending. */
  choices: z.array(z.number().int()),
  /** Null: there is none. */
  oldestRunAt: instantSchema.nullable(),
  /** Those in force first, newest first; of released ones the latest 200. */
  holds: z.array(legalHoldSchema),
});
export type Retention = z.infer<typeof retentionSchema>;

export const setRetentionInput = z.object({
  days: z.union(
    [1, 3, 7, 14, 30, 60, 90, 180, 365].map((days) => z.literal(days)),
    {
      error: 'expected 1, 3, 7, 14, 30, 60, 90, 180 or 365 days',
    },
  ),
});

export const placeHoldInput = z
  .object({
    deployment: idSchema('deployment').optional(),
    run: idSchema('run').optional(),
    /** Why, for those who will ask. */
    reason: z.string().trim().min(1, 'expected a reason').max(500),
  })
  .refine(({ deployment, run }) => deployment === undefined || run === undefined, {
    error: 'expected a deployment or a run, not both',
    path: ['run'],
  });

export const releaseHoldInput = z.object({ hold: idSchema('legalHold') });
