/** Named limits: how many may hold one at once, who does, and who waits. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { limitNameSchema, MAX_SLOTS } from '../limit.ts';
import { instantSchema } from '../time.ts';
import { pageInput } from './page.ts';

const slotsSchema = z.number().int().min(0).max(MAX_SLOTS);
/** Slots that come back by themselves, a second; from one in some 11 days to a million. */
const decaySchema = z.number().min(0.000_001).max(1_000_000);
const descriptionSchema = z.string().max(10_000);

export const limitSchema = z.object({
  id: idSchema('limit'),
  /** `tag:db` limits the task runs that carry the tag `db`. */
  name: limitNameSchema,
  description: z.string(),
  /** 0: closed, everybody waits. */
  slots: z.number().int(),
  /** While false, nobody is limited. */
  active: z.boolean(),
  /** Null: slots come back when they are given back. Else a rate: so many come back each second. */
  decayPerSecond: z.number().nullable(),
  /** Slots taken now: rows the gate counts; of a rate its level, which may be a fraction. */
  taken: z.number(),
  /** Requests that wait for it. */
  waiting: z.number().int(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
});
export type Limit = z.infer<typeof limitSchema>;

/** One who holds slots, or waits for them. */
const occupant = {
  run: z.object({ id: idSchema('run'), name: z.string() }),
  /** Null: the flow's own code. */
  task: z.object({ ordinal: z.number().int(), name: z.string() }).nullable(),
  slots: z.number().int(),
  since: instantSchema,
  /** Names the request, to free its slots by hand. */
  request: z.uuid(),
};
export const limitHolderSchema = z.object(occupant);
export type LimitHolder = z.infer<typeof limitHolderSchema>;
/** `isSilent`: it has not asked for a while (its agent is out of reach), and others go first; it keeps its place. */
export const limitWaiterSchema = z.object({ ...occupant, isSilent: z.boolean() });
export type LimitWaiter = z.infer<typeof limitWaiterSchema>;

export const createLimitInput = z.object({
  name: limitNameSchema,
  slots: slotsSchema,
  decayPerSecond: decaySchema.nullable().default(null),
  active: z.boolean().default(true),
  description: descriptionSchema.default(''),
});
export const updateLimitInput = z.object({
  limit: z.string().min(1).max(120),
  slots: slotsSchema.optional(),
  decayPerSecond: decaySchema.nullable().optional(),
  active: z.boolean().optional(),
  description: descriptionSchema.optional(),
});
/** A name or an id. */
export const limitRefInput = z.object({ limit: z.string().min(1).max(120) });
export const listLimitsInput = z.object({ ...pageInput });
/** Holders oldest first; waiters in line. */
export const limitOccupantsInput = z.object({ ...pageInput, of: z.string().min(1).max(120) });
/** Frees slots that a run holds, though its code does not know. */
export const freeSlotsInput = z.object({ limit: z.string().min(1).max(120), run: idSchema('run'), request: z.uuid() });
/** What code declares: made when it is missing, left as it is when it is there. */
export const ensureLimitsInput = z.object({ limits: z.array(createLimitInput.omit({ active: true })).max(100) });
/** `differs`: fields in which what is there differs from the code, as people set it. */
export const ensuredLimitsSchema = z.object({
  limits: z.array(z.object({ name: z.string(), created: z.boolean(), differs: z.array(z.string()) })),
});
