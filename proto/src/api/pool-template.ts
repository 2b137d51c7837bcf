/** What a work pool asks of a job, and how the launcher gets it. */
import { z } from 'zod';
import { parameterSchemaSchema } from './deployment-fields.ts';

/** With every claim goes what a template sets for everybody: it stays small. */
export const POOL_DEFAULTS_MAX_BYTES = 4 * 1024;
export const POOL_TEMPLATE_MAX_BYTES = 32 * 1024;
/** Variables that a run brings along. */
export const RUN_VARIABLES_MAX_BYTES = 8 * 1024;

export const poolTemplateSchema = z.object({
  /** JSON Schema of the variables that deployments, people and runs may set; `default` is the pool's own layer. */
  variables: parameterSchemaSchema,
  /**
   * What the launcher is told, by its own names. `"{{ memory }}"` alone becomes the variable's value (and the key goes when
   * there is none); inside a longer text it is written into it.
   */
  job: z.record(z.string().min(1).max(100), z.unknown()),
});
export type PoolTemplate = z.infer<typeof poolTemplateSchema>;

export const setPoolTemplateInput = z.object({
  pool: z.string().min(1).max(100),
  /** Null: back to the launcher's own. */
  template: poolTemplateSchema.nullable(),
});

/** `custom`: false while it is the launcher's own. `conflicts`: deployments whose variables break it, at most 20. */
export const shownPoolTemplateSchema = z.object({
  pool: z.string(),
  launcher: z.string(),
  custom: z.boolean(),
  template: poolTemplateSchema,
  conflicts: z.array(z.string()),
});
export type ShownPoolTemplate = z.infer<typeof shownPoolTemplateSchema>;
