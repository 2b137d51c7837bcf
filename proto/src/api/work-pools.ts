import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';
import { pageInput, slugSchema } from './page.ts';

export const workQueueSchema = z.object({
  id: idSchema('workQueue'),
  name: slugSchema,
  /** 1 goes first. */
  priority: z.number().int(),
  concurrencyLimit: z.number().int().nullable(),
  paused: z.boolean(),
});
export type WorkQueue = z.infer<typeof workQueueSchema>;

/** Derived from the same facts as dispatch: paused; no agent accepts; ready. */
export const POOL_STATUS = ['ready', 'not-ready', 'paused'] as const;

export const workPoolSchema = z.object({
  id: idSchema('workPool'),
  name: slugSchema,
  launcher: z.string(),
  description: z.string(),
  concurrencyLimit: z.number().int().nullable(),
  paused: z.boolean(),
  status: z.enum(POOL_STATUS),
  queues: z.array(workQueueSchema),
  agents: z.object({ online: z.number().int(), total: z.number().int() }),
  /** Rows the gate counts. */
  slotsHeld: z.number().int(),
  waiting: z.number().int(),
  createdAt: instantSchema,
});
export type WorkPool = z.infer<typeof workPoolSchema>;

export const createWorkPoolInput = z.object({
  name: slugSchema,
  launcher: z.enum(['process']).default('process'),
  description: z.string().max(10_000).default(''),
  concurrencyLimit: z.number().int().min(1).max(100_000).nullable().default(null),
});
export const updateWorkPoolInput = z.object({
  pool: z.string().min(1).max(100),
  description: z.string().max(10_000).optional(),
  concurrencyLimit: z.number().int().min(1).max(100_000).nullable().optional(),
});
/** A name or an id. */
export const workPoolRefInput = z.object({ pool: z.string().min(1).max(100) });
export const listWorkPoolsInput = z.object({ ...pageInput });
export const upsertWorkQueueInput = z.object({
  pool: z.string().min(1).max(100),
  name: slugSchema,
  priority: z.number().int().min(1).max(1_000).optional(),
  concurrencyLimit: z.number().int().min(1).max(100_000).nullable().optional(),
  paused: z.boolean().optional(),
});
