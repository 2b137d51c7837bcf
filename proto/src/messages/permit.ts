/** The right to call user code, granted once per epoch; granting is the transition to RUNNING. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { epochSchema, sessionSchema } from './wire.ts';

/** Milliseconds after the first sending of a request in which user code must be called. */
export const PERMIT_VALID_MS = 10_000;

export const permitSchema = z.object({
  v: z.literal(1),
  session: sessionSchema,
  /** A repeat with the same id is answered the same, within the 10 s. */
  requestId: z.uuid(),
  run: idSchema('run'),
  epoch: epochSchema,
  /** So long before the due instant it may be granted: the agent waits for the rest. Absent: 0. */
  aheadMs: z.number().int().min(0).max(1_000).optional(),
});
export type Permit = z.infer<typeof permitSchema>;

export const permitReplySchema = z.discriminatedUnion('answer', [
  /**
   * `token`: what user code may call the API with, while this epoch is at work. `inMs`: user code must not be called before so long after
   * this answer; absent: 0.
   */
  z.object({ answer: z.literal('granted'), token: z.string().max(1_000).optional(), inMs: z.number().min(0).optional() }),
  /** Not due yet: ask again (same epoch, new request id) after so long. */
  z.object({ answer: z.literal('wait'), ms: z.number().int().min(1) }),
  /** Do not start; drop the run. */
  z.object({ answer: z.literal('refused'), reason: z.string() }),
]);
export type PermitReply = z.infer<typeof permitReplySchema>;
