/** Effective values of a deployment, who said them, and how people lay theirs over code. */
import { z } from 'zod';
import { instantSchema } from '../time.ts';
import { FIELD_NAMES, LAYERS } from './deployment-fields.ts';

/** `timeoutMs`, `parameters.city`, `variables.env.HOME`. */
export const fieldPathSchema = z.string().min(1).max(500);

/** Most paths that people may have set of one deployment. */
export const OVERLAY_MAX_ENTRIES = 200;
export const OVERLAY_VALUE_MAX_BYTES = 16 * 1024;

/** One path that a person set over code. */
export const overlayEntrySchema = z.object({
  path: fieldPathSchema,
  /** Absent when the path is removed. */
  value: z.unknown().optional(),
  /** Hides what code says: the field has its default, a key is gone. */
  removed: z.boolean(),
  /** Email of a person, or name of an API key. */
  author: z.string(),
  reason: z.string(),
  setAt: instantSchema,
  /** When code's value comes back by itself; null: when somebody resets it. */
  expiresAt: instantSchema.nullable(),
});
export type OverlayEntry = z.infer<typeof overlayEntrySchema>;

/** One path and what it comes to. */
export const effectiveValueSchema = z.object({
  path: fieldPathSchema,
  field: z.enum(FIELD_NAMES),
  /** Absent when the path was removed. */
  value: z.unknown().optional(),
  from: z.enum(['default', ...LAYERS]),
  /** What each layer says, lowest first; `value` is absent where it removes. */
  layers: z.array(z.object({ layer: z.enum(['default', ...LAYERS]), value: z.unknown().optional(), removed: z.boolean() })),
  /** What a person set, whether or not it wins. */
  overlay: overlayEntrySchema.nullable(),
  /** Whether a person may set it. */
  overridable: z.boolean(),
  /** How people write it, and what it is: from the table of fields. */
  input: z.enum(['text', 'json', 'duration']),
  about: z.string(),
});
export type EffectiveValue = z.infer<typeof effectiveValueSchema>;

const expiry = {
  /** When it ends by itself. Not together with `expiresInMs`. */
  expiresAt: instantSchema.optional(),
  /** The same, counted from now by the control plane's clock. At least a second, at most 400 days. */
  expiresInMs: z
    .number()
    .int()
    .min(1_000)
    .max(400 * 86_400_000)
    .optional(),
};

export const setOverlayInput = z.object({
  deployment: z.string().min(1).max(500),
  set: z
    .array(z.object({ path: fieldPathSchema, value: z.unknown().optional(), removed: z.boolean().default(false) }))
    .min(1)
    .max(50),
  reason: z.string().trim().min(1).max(1_000),
  ...expiry,
});
export type SetOverlayInput = z.input<typeof setOverlayInput>;

export const resetOverlayInput = z.object({
  deployment: z.string().min(1).max(500),
  /** `parameters` resets each of its keys. Absent: everything that people set, a pause included. */
  paths: z.array(fieldPathSchema).min(1).max(50).optional(),
});

export const pauseDeploymentInput = z.object({
  deployment: z.string().min(1).max(500),
  reason: z.string().trim().max(1_000).default(''),
  ...expiry,
});

/** Every path in the order of the table, and the code that is deployed. */
export const describedDeploymentSchema = z.object({
  deployment: z.string(),
  digest: z.string(),
  version: z.number().int(),
  fields: z.array(effectiveValueSchema),
});
export type DescribedDeployment = z.infer<typeof describedDeploymentSchema>;

/** One path that a deploy changes in code. `before` or `after` is absent where code did, or does, not name it. */
export const codeChangeSchema = z.object({
  path: z.string(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  /** What a person set over it: until it ends, this change shows nowhere. */
  hiddenBy: overlayEntrySchema.nullable(),
});
export type CodeChange = z.infer<typeof codeChangeSchema>;

/** A state of the code that was deployed. */
export const deploymentVersionSchema = z.object({
  /** Counts up from 1 within the deployment. */
  number: z.number().int(),
  digest: z.string(),
  /** Whether new runs are pinned to it. */
  current: z.boolean(),
  deployedAt: instantSchema,
  /** Email of a person, or name of an API key; null for versions of long ago. */
  deployedBy: z.string().nullable(),
  /** What differs from the version before, `field: before -> after`. */
  changes: z.array(z.string()),
});
export type DeploymentVersion = z.infer<typeof deploymentVersionSchema>;

export const listVersionsInput = z.object({
  deployment: z.string().min(1).max(500),
  /** Only versions below this number; from `nextCursor`. */
  cursor: z.string().max(20).optional(),
  limit: z.number().int().min(1).max(100).default(20),
});
export const rollbackInput = z.object({ deployment: z.string().min(1).max(500), version: z.number().int().min(1).max(1_000_000_000) });
