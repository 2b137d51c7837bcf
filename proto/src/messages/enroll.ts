/** Enrolment over HTTPS: a join code and a public key for an identity. The private key is made at home and stays there. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';

export const enrollSchema = z.object({
  /** Single use; null or absent: the request carries an API key, and names the pool. */
  joinCode: z.string().min(1).max(500).nullish(),
  /** Name or id of the pool, with an API key alone: a join code knows its own. */
  pool: z.string().min(1).max(100).optional(),
  /** The agent's nkey user public key. */
  publicKey: z.string().regex(/^U[A-Z2-7]{55}$/, 'expected the public key of an nkey user (U..., 56 characters)'),
  name: z.string().min(1).max(100),
});
export type Enroll = z.infer<typeof enrollSchema>;

export const enrollReplySchema = z.object({
  agent: idSchema('agent'),
  name: z.string(),
  workspace: z.object({ id: idSchema('workspace'), slug: z.string() }),
  pool: z.object({ id: idSchema('workPool'), name: z.string() }),
  jwt: z.string(),
  expiresAt: instantSchema,
  /** Where to dial, most preferred first (`nats://`, `tls://`, `wss://`). */
  natsUrls: z.array(z.string()),
});
export type EnrollReply = z.infer<typeof enrollReplySchema>;
