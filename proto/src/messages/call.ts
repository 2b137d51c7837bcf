/** What a flow asks of the control plane while it runs; the supervisor asks for it. Scope: its own run. */
import { z } from 'zod';
import { envelopeSchema } from '../envelope.ts';
import { idSchema } from '../ids.ts';
import { getBlockOpSchema } from './calls/blocks.ts';
import { awaitChildrenOpSchema, createChildOpSchema, readChildrenOpSchema, resumeOpSchema } from './calls/children.ts';
import { approveCallSchema, PAUSE_KINDS, pauseAnswerCallSchema, pauseCallSchema, pauseKeySchema } from './calls/pause.ts';
import { acquireSlotsOpSchema, releaseSlotsOpSchema } from './calls/slots.ts';
import { emitEventOpSchema, getVariableOpSchema } from './calls/workspace.ts';
import { epochSchema, runEpochSchema, sessionSchema } from './wire.ts';

/** Every operation. One that writes carries a `requestId`, so that a repeat is answered the same and done once. */
export const callOpSchema = z.discriminatedUnion('name', [
  z.object({ name: z.literal('getParameters') }),
  acquireSlotsOpSchema,
  releaseSlotsOpSchema,
  createChildOpSchema,
  readChildrenOpSchema,
  awaitChildrenOpSchema,
  resumeOpSchema,
  pauseCallSchema,
  approveCallSchema,
  pauseAnswerCallSchema,
  getVariableOpSchema,
  getBlockOpSchema,
  emitEventOpSchema,
]);
export type CallOp = z.infer<typeof callOpSchema>;

export const callSchema = z.object({
  v: z.literal(1),
  session: sessionSchema,
  run: idSchema('run'),
  epoch: epochSchema,
  op: callOpSchema,
});
export type Call = z.infer<typeof callSchema>;

export const getParametersReplySchema = z.object({ parameters: envelopeSchema });

/** Renewal of an agent's NATS credential, by signing a challenge with the key that never leaves it. */
export const tokenRequestSchema = z.object({
  v: z.literal(1),
  agent: idSchema('agent'),
  /** Unix seconds; refused when more than 5 min from the server's clock, unless `nonce` came from the server. */
  nonce: z.string().max(200),
  /** Base64url Ed25519 signature of `signalbox-token:<agent>:<nonce>` by the agent's nkey. */
  signature: z.string().max(200),
});
export type TokenRequest = z.infer<typeof tokenRequestSchema>;
export const tokenReplySchema = z.object({ jwt: z.string(), expiresAt: z.string() });
export type TokenReply = z.infer<typeof tokenReplySchema>;

/** Hints of the control plane to an agent (`cmd.<agent>.<verb>`). */
export const cancelCommandSchema = z.object({ v: z.literal(1), run: idSchema('run'), epoch: epochSchema });

/** What a flow waits for may have come: its open waits ask again at once. Lost ones cost seconds. */
export const wakeCommandSchema = z.object({ v: z.literal(1), run: idSchema('run'), epoch: epochSchema });

/** A run whose process shall wait before its next task (`pause`), or leave once the tasks that run have ended (`suspend`). */
export const heldRunSchema = runEpochSchema.extend({ how: z.enum(PAUSE_KINDS), key: pauseKeySchema });
export type HoldRequest = z.infer<typeof heldRunSchema>;
export const holdCommandSchema = heldRunSchema.extend({ v: z.literal(1) });
