import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { codeSourceSchema, retryPolicySchema } from '../messages/claim.ts';
import { durationMsSchema, instantSchema } from '../time.ts';
import { nameSchema, pageInput, slugSchema, tagSchema } from './page.ts';

/** A JSON Schema (draft 2020-12) of an object; the Run dialog's form is made from it. */
export const parameterSchemaSchema = z.record(z.string(), z.unknown());

export const scheduleSpecSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('cron'),
    /** Five fields, or six with seconds first. */
    cron: z.string().trim().min(1).max(200),
    timezone: z.string().max(100).default('UTC'),
  }),
  z.object({
    kind: z.literal('interval'),
    /** At least one second. */
    everyMs: z
      .number()
      .int()
      .min(1_000)
      .max(400 * 86_400_000),
    /** Fires at anchor + n x everyMs; default: 1970-01-01T00:00Z. */
    anchorAt: instantSchema.optional(),
  }),
]);
export type ScheduleSpec = z.infer<typeof scheduleSpecSchema>;

export const deployScheduleInput = z.object({
  slug: slugSchema,
  spec: scheduleSpecSchema,
  parameters: z.record(z.string(), z.unknown()).default({}),
  active: z.boolean().default(true),
});

export const scheduleSchema = z.object({
  id: idSchema('schedule'),
  deployment: z.object({ id: idSchema('deployment'), name: z.string() }),
  slug: slugSchema,
  spec: scheduleSpecSchema,
  parameters: z.record(z.string(), z.unknown()),
  active: z.boolean(),
  nextFireAt: instantSchema.nullable(),
  /** Why it does not fire, when it is broken: a bad schedule harms only itself. */
  problem: z.string().nullable(),
});
export type Schedule = z.infer<typeof scheduleSchema>;

/** What `deploy` registers. A second deploy under the same flow and name updates it. */
export const deployInput = z.object({
  flow: nameSchema,
  name: nameSchema,
  description: z.string().max(10_000).default(''),
  tags: z.array(tagSchema).max(50).default([]),
  pool: slugSchema,
  queue: slugSchema.default('default'),
  source: codeSourceSchema,
  /** Identity of the code; a run is pinned to the digest it was created under. */
  digest: z.string().min(1).max(200),
  parameterSchema: parameterSchemaSchema.nullable().default(null),
  /** Defaults merged under what a run gives. */
  parameters: z.record(z.string(), z.unknown()).default({}),
  retry: retryPolicySchema.default({ retries: 0, delaysMs: [0] }),
  timeoutMs: durationMsSchema.min(1).nullable().default(null),
  isolation: z.enum(['fresh', 'reuse']).default('fresh'),
  variables: z.record(z.string(), z.unknown()).default({}),
  /** Most runs of this deployment at once; null: no limit. */
  concurrencyLimit: z.number().int().min(1).max(100_000).nullable().default(null),
  /** Absent: schedules stay as they are. Empty: all schedules that came from code go. */
  schedules: z.array(deployScheduleInput).max(50).optional(),
  onLostAgent: z.enum(['crash', 'retry', 'requeue']).default('crash'),
});
export type DeployInput = z.input<typeof deployInput>;

export const deploymentSchema = z.object({
  id: idSchema('deployment'),
  name: z.string(),
  flow: z.object({ id: idSchema('flow'), name: z.string() }),
  description: z.string(),
  tags: z.array(z.string()),
  pool: z.object({ id: idSchema('workPool'), name: z.string() }).nullable(),
  queue: z.string().nullable(),
  source: codeSourceSchema,
  digest: z.string(),
  parameterSchema: parameterSchemaSchema.nullable(),
  parameters: z.record(z.string(), z.unknown()),
  retry: retryPolicySchema,
  timeoutMs: z.number().int().nullable(),
  concurrencyLimit: z.number().int().nullable(),
  paused: z.boolean(),
  schedules: z.array(scheduleSchema),
  createdAt: instantSchema,
  updatedAt: instantSchema,
});
export type Deployment = z.infer<typeof deploymentSchema>;

/** `changes`: what differs from the deploy before, `field: before -> after` in plain words; empty when nothing does. */
export const deployReplySchema = z.object({ deployment: deploymentSchema, created: z.boolean(), changes: z.array(z.string()) });

export const listDeploymentsInput = z.object({ ...pageInput, flow: idSchema('flow').optional(), search: z.string().max(200).optional() });
/** `weather/daily` or an id. */
export const deploymentRefInput = z.object({ deployment: z.string().min(1).max(500) });

export const previewScheduleInput = z.object({ spec: scheduleSpecSchema, count: z.number().int().min(1).max(50).default(5) });
export const setScheduleActiveInput = z.object({ schedule: idSchema('schedule'), active: z.boolean() });

export const flowSchema = z.object({
  id: idSchema('flow'),
  name: z.string(),
  deployments: z.number().int(),
  createdAt: instantSchema,
});
export type Flow = z.infer<typeof flowSchema>;
