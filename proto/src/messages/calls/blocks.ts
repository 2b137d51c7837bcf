/** Blocks that a running flow loads by type and name. */
import { z } from 'zod';
import { envelopeSchema } from '../../envelope.ts';

/** Bytes of JSON. */
export const BLOCK_MAX_BYTES = 64 * 1024;
export const blockTypeNameSchema = z
  .string()
  .max(100)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case letters and digits, with single hyphens between them');
export const blockNameSchema = z
  .string()
  .max(255)
  .regex(/^[a-z0-9]+([_-][a-z0-9]+)*$/, 'expected lower-case letters and digits, with single _ or - between them');
/** Where the machine that runs the code finds a secret: never the secret. */
export const secretReferenceSchema = z
  .string()
  .max(1_000)
  .regex(/^[a-z][a-z0-9-]{0,30}:\S+$/, 'expected a reference such as env:DB_PASSWORD or file:/run/secrets/db, never the secret itself');

/** A block as it is now; null: there is none. */
export const getBlockOpSchema = z.object({ name: z.literal('blocks.get'), type: blockTypeNameSchema, block: blockNameSchema });
export const getBlockReplySchema = z.object({ value: envelopeSchema.nullable() });
export type GetBlockReply = z.infer<typeof getBlockReplySchema>;
