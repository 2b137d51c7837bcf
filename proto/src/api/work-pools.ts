import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';
import { keyTemplateSchema } from './concurrency.ts';
import { pageInput, pageSchema, slugSchema } from './page.ts';

/** Derived from the same facts as dispatch: paused; no agent accepts; ready. */
export const POOL_STATUS = ['ready', 'not-ready', 'paused'] as const;

export const workQueueSchema = z.object({
  id: idSchema('workQueue'),
  name: slugSchema,
  /** 1 goes first; 1, 2, 3 ... in a pool, each once. */
  priority: z.number().int(),
  concurrencyLimit: z.number().int().nullable(),
  paused: z.boolean(),
  /** Runs of different keys take turns: `{{ parameters.customer }}`. Null: by due instant alone. */
  fairBy: z.string().nullable(),
  /** That of its pool, save that it may be paused by itself. */
  status: z.enum(POOL_STATUS),
  /** Rows the gate counts. */
  slotsHeld: z.number().int(),
});
export type WorkQueue = z.infer<typeof workQueueSchema>;

export const workPoolSchema = z.object({
  id: idSchema('workPool'),
  name: slugSchema,
  launcher: z.string(),
  description: z.string(),
  concurrencyLimit: z.number().int().nullable(),
  /** What an hour of one run costs there, in whatever currency you count; null: nobody said. */
  costPerHour: z.number().nullable(),
  paused: z.boolean(),
  status: z.enum(POOL_STATUS),
  /** Why it has this status, one sentence. */
  statusReason: z.string(),
  queues: z.array(workQueueSchema),
  agents: z.object({ online: z.number().int(), total: z.number().int() }),
  /** Rows the gate counts. */
  slotsHeld: z.number().int(),
  waiting: z.number().int(),
  createdAt: instantSchema,
});
export type WorkPool = z.infer<typeof workPoolSchema>;

const costSchema = z.number().min(0).max(1_000_000).nullable();
export const createWorkPoolInput = z.object({
  name: slugSchema,
  launcher: z.enum(['process']).default('process'),
  description: z.string().max(10_000).default(''),
  concurrencyLimit: z.number().int().min(1).max(100_000).nullable().default(null),
  costPerHour: costSchema.default(null),
});
export const updateWorkPoolInput = z.object({
  pool: z.string().min(1).max(100),
  description: z.string().max(10_000).optional(),
  concurrencyLimit: z.number().int().min(1).max(100_000).nullable().optional(),
  costPerHour: costSchema.optional(),
});
/** A name or an id. */
export const workPoolRefInput = z.object({ pool: z.string().min(1).max(100) });
export const listWorkPoolsInput = z.object({ ...pageInput });
/** A queue's name, in a pool by name or id. */
export const workQueueRefInput = z.object({ pool: z.string().min(1).max(100), name: slugSchema });
export const upsertWorkQueueInput = workQueueRefInput.extend({
  /** Where it goes among the others, which make room; past the end is the end. Absent: where it is, or the end. */
  priority: z.number().int().min(1).max(1_000).optional(),
  concurrencyLimit: z.number().int().min(1).max(100_000).nullable().optional(),
  paused: z.boolean().optional(),
  /** Null: no longer fair by a key. */
  fairBy: keyTemplateSchema.nullable().optional(),
});
/** One place earlier or later, or to a priority; the others make room. */
export const moveWorkQueueInput = workQueueRefInput.extend({ to: z.union([z.enum(['up', 'down']), z.number().int().min(1).max(1_000)]) });

/** A run that occupies a slot, as the gate counts it. */
export const slotHolderSchema = z.object({
  run: z.object({ id: idSchema('run'), name: z.string(), state: z.string() }),
  deployment: z.object({ id: idSchema('deployment'), flow: z.string(), name: z.string() }),
  queue: z.string().nullable(),
  agent: z.object({ id: idSchema('agent'), name: z.string() }).nullable(),
  since: instantSchema,
});
export type SlotHolder = z.infer<typeof slotHolderSchema>;
/** Who holds the slots of a pool, of one of its queues, or by one of its agents; longest first. */
export const listSlotsInput = z.object({
  pool: z.string().min(1).max(100),
  queue: slugSchema.optional(),
  agent: idSchema('agent').optional(),
  ...pageInput,
});
export const slotPageSchema = pageSchema(slotHolderSchema);
