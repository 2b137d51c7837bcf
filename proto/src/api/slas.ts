/** Service levels: what is promised of a deployment or an asset. Each time it is not kept is a violation, until it is kept again. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';
import { pageInput } from './page.ts';
import { severitySchema } from './severity.ts';

/**
 * `completion`: a run ends within `seconds` of its start. `lateness`: it starts within `seconds` of when it is due. `frequency`: a run
 * completes at least every `seconds`. `freshness`: an asset is materialized at least every `seconds`.
 */
export const SLA_KINDS = ['completion', 'lateness', 'frequency', 'freshness'] as const;
export type SlaKind = (typeof SLA_KINDS)[number];

const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]+$/u, 'expected a name without control characters');
/** From ten seconds to a year. */
const secondsSchema = z
  .number()
  .int()
  .min(10)
  .max(366 * 86_400);

export const slaSchema = z.object({
  id: idSchema('sla'),
  name: z.string(),
  kind: z.enum(SLA_KINDS),
  deployment: z.object({ id: idSchema('deployment'), name: z.string() }).nullable(),
  /** URI of the asset; null: it is about a deployment. */
  asset: z.string().nullable(),
  seconds: z.number().int(),
  severity: severitySchema,
  isEnabled: z.boolean(),
  /** `code`: a deployment declares it; people may switch it off, and nothing else. */
  origin: z.enum(['code', 'operator']),
  /** Violations that are not over. */
  unmet: z.number().int(),
  lastViolatedAt: instantSchema.nullable(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
});
export type Sla = z.infer<typeof slaSchema>;

export const slaRefInput = z.object({ sla: idSchema('sla') });
const assetSchema = z.string().min(1).max(512);
/** All that are given must fit. */
export const listSlasInput = z.object({ deployment: idSchema('deployment').optional(), asset: assetSchema.optional() });
/** About a deployment, or, for `freshness`, about an asset. */
export const createSlaInput = z.object({
  name: nameSchema,
  kind: z.enum(SLA_KINDS),
  deployment: idSchema('deployment').optional(),
  asset: assetSchema.optional(),
  seconds: secondsSchema,
  severity: severitySchema.default('moderate'),
});
/** A service level that a deployment declares in code: of the deployment, or with `freshness` of an asset. */
export const deploySlaInput = z
  .object({
    /** In the workspace. Default: the flow, the deployment and the kind. */
    name: nameSchema.optional(),
    kind: z.enum(SLA_KINDS),
    asset: assetSchema.optional(),
    seconds: secondsSchema,
    severity: severitySchema.default('moderate'),
  })
  .refine(({ kind, asset }) => (kind === 'freshness') === (asset !== undefined), {
    path: ['asset'],
    message: 'expected the URI of an asset with freshness, and nothing with any other kind',
  });
/** What is absent stays. Switched on anew, it is promised from then on. */
export const updateSlaInput = z.object({
  sla: idSchema('sla'),
  name: nameSchema.optional(),
  seconds: secondsSchema.optional(),
  severity: severitySchema.optional(),
  isEnabled: z.boolean().optional(),
});

export const slaViolationSchema = z.object({
  id: z.string(),
  sla: z.object({ id: idSchema('sla'), name: z.string(), kind: z.enum(SLA_KINDS), severity: severitySchema }),
  /** The run that broke it; null: that there was none broke it. */
  run: z.object({ id: idSchema('run'), name: z.string() }).nullable(),
  at: instantSchema,
  /** When it was kept again, or the run was over; null: not yet. */
  metAt: instantSchema.nullable(),
});
export type SlaViolation = z.infer<typeof slaViolationSchema>;
/** Newest first. */
export const listSlaViolationsInput = z.object({
  sla: idSchema('sla').optional(),
  deployment: idSchema('deployment').optional(),
  asset: assetSchema.optional(),
  ...pageInput,
});
