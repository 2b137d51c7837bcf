/** Slots of named limits, taken and given back by a running flow. Repeats of one `requestId` count once. */
import { z } from 'zod';
import { limitNameSchema, MAX_LIMITS_AT_ONCE, MAX_SLOTS } from '../../limit.ts';

/** Takes slots of every limit named, all or none; while there is no room, a place in line. Asked again until granted. */
export const acquireSlotsOpSchema = z.object({
  name: z.literal('slots.acquire'),
  requestId: z.uuid(),
  limits: z.array(limitNameSchema).min(1).max(MAX_LIMITS_AT_ONCE),
  /** Of each limit. */
  slots: z.number().int().min(1).max(MAX_SLOTS),
  /** True: a limit that nobody made is an error, else it limits nobody. */
  strict: z.boolean(),
  /** True: each must be a rate. */
  rateOnly: z.boolean(),
  /** False: no place in line, only the answer. */
  wait: z.boolean(),
  /** Null: the flow's own code. */
  task: z.object({ ordinal: z.number().int().min(1), name: z.string().max(500) }).nullable(),
});
export type AcquireSlotsOp = z.infer<typeof acquireSlotsOpSchema>;

/** Gives back what a request took, or its place in line. */
export const releaseSlotsOpSchema = z.object({ name: z.literal('slots.release'), requestId: z.uuid() });

export const acquireSlotsReplySchema = z.object({
  granted: z.boolean(),
  /** Limits without room; empty when granted. */
  full: z.array(z.string()).default([]),
  /** Names that nobody made a limit of. */
  unknown: z.array(z.string()).default([]),
  /** When a rate will have room, if nobody leaves the line before. */
  retryInMs: z.number().int().optional(),
});
export type AcquireSlotsReply = z.infer<typeof acquireSlotsReplySchema>;

/** `yours`: one of the same run may be next; it needs no wake to ask. */
export const releaseSlotsReplySchema = z.object({ released: z.literal(true), yours: z.boolean() });
export type ReleaseSlotsReply = z.infer<typeof releaseSlotsReplySchema>;
