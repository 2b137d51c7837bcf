import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { codeSourceSchema, retryPolicySchema } from '../messages/claim.ts';
import { RUN_KINDS } from '../run-state.ts';
import { instantSchema } from '../time.ts';
import { deployTriggerInput } from './automations.ts';
import { concurrencySchema } from './concurrency.ts';
import { DEPLOYMENT_FIELDS as F, parameterSchemaSchema } from './deployment-fields.ts';
import { codeChangeSchema } from './layers.ts';
import { nameSchema, pageInput } from './page.ts';
import { deployScheduleInput, scheduleSchema } from './schedules.ts';
import { deploySlaInput } from './slas.ts';

/**
 * What `deploy` registers. A second deploy under the same flow and name updates it. Fields that are left out are left to
 * the other layers (DEPLOYMENT_FIELDS): what a person set, else the default.
 */
export const deployInput = z.object({
  flow: nameSchema,
  name: nameSchema,
  /** What its runs execute: `task` for one that `serveTasks` serves. */
  kind: z.enum(RUN_KINDS).default('flow'),
  source: codeSourceSchema,
  /** Identity of the code; a run is pinned to the digest it was created under. */
  digest: z.string().min(1).max(200),
  description: F.description.schema.optional(),
  tags: F.tags.schema.optional(),
  pool: F.pool.schema,
  queue: F.queue.schema.optional(),
  parameterSchema: F.parameterSchema.schema.optional(),
  /** Defaults merged under what a run gives. */
  parameters: F.parameters.schema.optional(),
  retry: F.retry.schema.optional(),
  timeoutMs: F.timeoutMs.schema.optional(),
  graceMs: F.graceMs.schema.optional(),
  startTimeoutMs: F.startTimeoutMs.schema.optional(),
  isolation: F.isolation.schema.optional(),
  onLostAgent: F.onLostAgent.schema.optional(),
  variables: F.variables.schema.optional(),
  /** Most runs of this deployment at once; null: no limit. */
  concurrencyLimit: F.concurrencyLimit.schema.optional(),
  /** With a key: limits each of its values, beside `concurrencyLimit`. Without one: in place of `concurrencyLimit`. */
  concurrency: F.concurrency.schema.optional(),
  /** Absent: schedules stay as they are. Empty: all schedules that came from code go. */
  schedules: z.array(deployScheduleInput).max(50).optional(),
  /** Absent: automations that came from code stay as they are. Empty: all of them go. */
  triggers: z.array(deployTriggerInput).max(20).optional(),
  /** Absent: service levels that came from code stay as they are. Empty: all of them go. */
  slas: z.array(deploySlaInput).max(20).optional(),
});
export type DeployInput = z.input<typeof deployInput>;

export const deploymentSchema = z.object({
  id: idSchema('deployment'),
  name: z.string(),
  flow: z.object({ id: idSchema('flow'), name: z.string() }),
  kind: z.enum(RUN_KINDS),
  description: z.string(),
  tags: z.array(z.string()),
  pool: z.object({ id: idSchema('workPool'), name: z.string() }).nullable(),
  queue: z.string().nullable(),
  source: codeSourceSchema,
  digest: z.string(),
  /** Number of the version that new runs are pinned to. */
  version: z.number().int(),
  parameterSchema: parameterSchemaSchema.nullable(),
  parameters: z.record(z.string(), z.unknown()),
  retry: retryPolicySchema,
  timeoutMs: z.number().int().nullable(),
  concurrencyLimit: z.number().int().nullable(),
  concurrency: concurrencySchema.nullable(),
  paused: z.boolean(),
  /** How many paths people have set over code. */
  overridden: z.number().int(),
  schedules: z.array(scheduleSchema),
  createdAt: instantSchema,
  updatedAt: instantSchema,
});
export type Deployment = z.infer<typeof deploymentSchema>;

/** What a deploy did, or would do: compared with the deploy before. `deployment` shows effective values. */
export const deployReplySchema = z.object({
  deployment: deploymentSchema,
  created: z.boolean(),
  /** `diff`, `schedules` and `owned` in plain words, `field: before -> after`; empty when nothing changes. */
  changes: z.array(z.string()),
  /** What changes in code, path by path. */
  diff: z.array(codeChangeSchema),
  /** Schedules that are added, changed or go, a line each. */
  schedules: z.array(z.string()),
  /** Automations and service levels of code that are added, changed or go, a line each. Absent: an older control plane. */
  owned: z.array(z.string()).optional(),
  /** What is wrong though it was deployed: a value that a person set breaks the new schema. */
  warnings: z.array(z.string()),
});

export const listDeploymentsInput = z.object({ ...pageInput, flow: idSchema('flow').optional(), search: z.string().max(200).optional() });
/** `weather/daily` or an id. */
export const deploymentRefInput = z.object({ deployment: z.string().min(1).max(500) });

export const flowSchema = z.object({
  id: idSchema('flow'),
  name: z.string(),
  deployments: z.number().int(),
  createdAt: instantSchema,
});
export type Flow = z.infer<typeof flowSchema>;
