/** The failure inbox: runs that failed or crashed, grouped by what went wrong. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { FAILURE_KINDS } from '../run-failure.ts';
import { retryModeSchema } from '../run-state.ts';
import { instantSchema } from '../time.ts';

/** `resolved` until it is back in a later version, or a later run; `muted` until its time is over. */
export const FAILURE_STATUSES = ['open', 'acknowledged', 'muted', 'resolved'] as const;
export type FailureStatus = (typeof FAILURE_STATUSES)[number];

export const failureGroupSchema = z.object({
  id: idSchema('failureGroup'),
  status: z.enum(FAILURE_STATUSES),
  kind: z.enum(FAILURE_KINDS),
  /** One line: class and message of the first failure. */
  title: z.string(),
  occurrences: z.number().int(),
  firstAt: instantSchema,
  lastAt: instantSchema,
  lastRun: idSchema('run'),
  /** Those that failed most lately first, at most 20. `versions`: numbers of the first and the last in which it was seen. */
  deployments: z.array(
    z.object({
      id: idSchema('deployment'),
      /** Null: it was deleted. */
      name: z.string().nullable(),
      occurrences: z.number().int(),
      versions: z.object({ first: z.number().int(), last: z.number().int() }),
      lastAt: instantSchema,
    }),
  ),
  /** Whoever looks after it: a person, a team. */
  owner: z.string().nullable(),
  acknowledged: z.object({ at: instantSchema, by: z.string() }).nullable(),
  mutedUntil: instantSchema.nullable(),
  /** `versions`: newest number of each deployment when it was resolved by version; null: resolved as of that instant. */
  resolved: z.object({ at: instantSchema, by: z.string(), versions: z.record(z.string(), z.number().int()).nullable() }).nullable(),
});
export type FailureGroup = z.infer<typeof failureGroupSchema>;

/** `message`, `frames`: of the first failure. Runs newest first, at most 20. */
export const failureGroupDetailSchema = failureGroupSchema.extend({
  message: z.string(),
  frames: z.array(z.string()),
  runs: z.array(z.object({ id: idSchema('run'), name: z.string(), at: instantSchema })),
});
export type FailureGroupDetail = z.infer<typeof failureGroupDetailSchema>;

export const failureGroupRefInput = z.object({ group: idSchema('failureGroup') });
/** Those that failed most lately first. */
export const listFailureGroupsInput = z.object({
  /** Default: all but resolved. */
  statuses: z.array(z.enum(FAILURE_STATUSES)).max(4).optional(),
  deployment: idSchema('deployment').optional(),
  /** The one of the last failure of this run. */
  run: idSchema('run').optional(),
  /** Part of the title, the message or the name of a deployment, in any case. A page looks at 5,000 groups: it may be empty and have a next one. */
  text: z.string().trim().min(1).max(200).optional(),
  cursor: z.string().max(100).optional(),
  limit: z.number().int().min(1).max(100).default(50),
});
export const assignFailureGroupInput = z.object({ group: idSchema('failureGroup'), owner: z.string().trim().min(1).max(200).nullable() });
/** Null: no longer. At most a year ahead. */
export const muteFailureGroupInput = z.object({ group: idSchema('failureGroup'), until: instantSchema.nullable() });
/** `next-version`: a failure in a version that is deployed later, or in another deployment, reopens it; `now`: one of any later run does. */
export const resolveFailureGroupInput = z.object({
  group: idSchema('failureGroup'),
  by: z.enum(['next-version', 'now']).default('next-version'),
});
export const retryFailureGroupInput = z.object({ group: idSchema('failureGroup'), mode: retryModeSchema.optional() });
