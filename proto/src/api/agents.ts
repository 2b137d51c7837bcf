import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';
import { pageInput } from './page.ts';

/**
 * - `online`: renewed within its lease. - `draining`: takes no new runs. - `offline`: lease over, or never seen.
 * - `quarantined`: stays connected, finishes what it holds and is given nothing new, however often it starts.
 * - `revoked`: its credential is refused.
 */
export const AGENT_STATUS = ['online', 'draining', 'offline', 'quarantined', 'revoked'] as const;

export const agentSchema = z.object({
  id: idSchema('agent'),
  name: z.string(),
  pool: z.object({ id: idSchema('workPool'), name: z.string() }),
  status: z.enum(AGENT_STATUS),
  version: z.string().nullable(),
  host: z.record(z.string(), z.unknown()).nullable(),
  slots: z.number().int().nullable(),
  held: z.number().int(),
  warm: z.number().int().nullable(),
  spoolBytes: z.number().int().nullable(),
  /** Agent's clock minus ours, milliseconds, as of the last renewal. Shown; nothing depends on it. */
  clockOffsetMs: z.number().int().nullable(),
  lastSeenAt: instantSchema.nullable(),
  /** By what it enrolled, who made that, and the address it came from; null for agents of before that was kept. */
  enrolled: z.object({ via: z.enum(['join-code', 'api-key']), by: z.string().nullable(), from: z.string().nullable() }).nullable(),
  createdAt: instantSchema,
});
export type Agent = z.infer<typeof agentSchema>;

export const listAgentsInput = z.object({ ...pageInput, pool: z.string().max(100).optional() });
export const agentRefInput = z.object({ agent: idSchema('agent') });

export const createJoinCodeInput = z.object({
  pool: z.string().min(1).max(100),
  /** Minutes in which it may be used, once. */
  expiresInMinutes: z
    .number()
    .int()
    .min(1)
    .max(7 * 24 * 60)
    .default(60),
});
export const joinCodeSchema = z.object({
  id: idSchema('joinCode'),
  /** Shown once. */
  code: z.string(),
  expiresAt: instantSchema,
  /** The exact command that installs and starts an agent with it. */
  command: z.string(),
});
