/** Variables of a workspace: values of JSON that flows read by name. No secrets: those are references (see `secret()`). */
import { z } from 'zod';
import { variableNameSchema } from '../messages/calls/workspace.ts';
import { instantSchema } from '../time.ts';

export const variableSchema = z.object({
  name: z.string(),
  value: z.unknown(),
  description: z.string(),
  tags: z.array(z.string()),
  createdAt: instantSchema,
  updatedAt: instantSchema,
});
export type Variable = z.infer<typeof variableSchema>;

const tagsSchema = z.array(z.string().trim().min(1).max(100)).max(20);

export const listVariablesInput = z.object({
  /** Those whose name begins so. */
  prefix: z.string().max(255).optional(),
  limit: z.number().int().min(1).max(200).default(50),
  /** Name of the last one of the page before. */
  cursor: z.string().max(255).optional(),
});
export const variableRefInput = z.object({ name: z.string().min(1).max(255) });
export const setVariableInput = z.object({
  name: variableNameSchema,
  /** Any JSON, at most 64 KiB. */
  value: z.unknown(),
  /** Absent: stays. */
  description: z.string().max(1_000).optional(),
  /** Absent: stays. */
  tags: tagsSchema.optional(),
  /** True: only where there is none of this name. */
  onlyNew: z.boolean().default(false),
});
