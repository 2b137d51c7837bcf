/** Whether operators of the installation may act as members of an organization, and who did. */
import { z } from 'zod';
import { instantSchema } from '../time.ts';

export const supportSchema = z.object({
  allowed: z.boolean(),
  /** The last 50, newest first. */
  sessions: z.array(
    z.object({
      operator: z.string(),
      reason: z.string(),
      /** Email of the member in whose place; null: no member any more. */
      as: z.string().nullable(),
      createdAt: instantSchema,
      /** Null: the link was not followed. */
      enteredAt: instantSchema.nullable(),
      expiresAt: instantSchema,
      /** Null: nobody ended it before its time. */
      endedAt: instantSchema.nullable(),
    }),
  ),
});
export type Support = z.infer<typeof supportSchema>;

/** Not allowed: whoever is there is out at once. */
export const setSupportInput = z.object({ allowed: z.boolean() });
