/** Blocks: settings of one kind (a database, a mailbox), typed by the schema of their type, that flows load by name. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { blockNameSchema, blockTypeNameSchema, secretReferenceSchema } from '../messages/calls/blocks.ts';
import { instantSchema } from '../time.ts';

export const blockTypeSchema = z.object({
  name: z.string(),
  description: z.string(),
  /** JSON Schema (draft 2020-12) of an object: what a block of the type holds. */
  schema: z.record(z.string(), z.unknown()),
  /** Fields whose value is a secret: a block holds a reference there, `{ "$secret": "env:DB_PASSWORD" }`. */
  secretFields: z.array(z.string()),
  /** Blocks of it. */
  blocks: z.number().int(),
  updatedAt: instantSchema,
});
export type BlockType = z.infer<typeof blockTypeSchema>;

export const blockSchema = z.object({
  id: idSchema('block'),
  type: z.string(),
  name: z.string(),
  value: z.record(z.string(), z.unknown()),
  description: z.string(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
});
export type Block = z.infer<typeof blockSchema>;

/** Where a secret field points. */
export const secretSlotSchema = z.strictObject({ $secret: secretReferenceSchema });

export const setBlockTypeInput = z.object({
  name: blockTypeNameSchema,
  description: z.string().max(1_000).default(''),
  schema: z.record(z.string(), z.unknown()),
  secretFields: z.array(z.string().min(1).max(200)).max(50).default([]),
});
export const blockTypeRefInput = z.object({ name: z.string().min(1).max(100) });

export const listBlocksInput = z.object({
  /** Those of one type. */
  type: z.string().min(1).max(100).optional(),
  limit: z.number().int().min(1).max(200).default(50),
  /** `type/name` of the last one of the page before. */
  cursor: z.string().max(400).optional(),
});
export const blockRefInput = z.object({ type: z.string().min(1).max(100), name: z.string().min(1).max(255) });
export const setBlockInput = z.object({
  type: blockTypeNameSchema,
  name: blockNameSchema,
  /** By the type's schema, at most 64 KiB; secret fields hold `{ "$secret": reference }`. */
  value: z.record(z.string(), z.unknown()),
  /** Absent: stays. */
  description: z.string().max(1_000).optional(),
  /** True: only where there is none of this name. */
  onlyNew: z.boolean().default(false),
});
