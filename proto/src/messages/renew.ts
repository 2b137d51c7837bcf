/**
 * Renewal every 10 s. An agent names its set of (run, epoch) by count and hash; only when that differs from
 * what the control plane has are full lists exchanged.
 */
import { z } from 'zod';
import { instantSchema } from '../time.ts';
import { heldRunSchema } from './call.ts';
import { type RunEpoch, runEpochSchema, sessionSchema, stretchSchema } from './wire.ts';

/** Free slots, warm children, spool bytes: shown, never decided on. */
export const agentStatusSchema = z.object({
  free: z.number().int().min(0),
  warm: z.number().int().min(0),
  spoolBytes: z.number().int().min(0),
  draining: z.boolean(),
  rssBytes: z.number().int().min(0),
});
export type AgentStatusReport = z.infer<typeof agentStatusSchema>;

export const renewSchema = z.object({
  v: z.literal(1),
  session: sessionSchema,
  count: z.number().int().min(0),
  /** `holdingText` of the set, SHA-256, lower-case hex. */
  hash: z.string().length(64),
  /** The set itself; sent when the last answer asked for it. */
  holding: z
    .array(runEpochSchema.extend({ stalledForMs: z.number().int().min(0).optional() }))
    .max(10_000)
    .optional(),
  /** Which part of the set `holding` is, when one message cannot hold it; `count` and `hash` are of the whole. Absent: all. */
  stretch: stretchSchema.optional(),
  /**
   * Runs whose user code was called and whose `run.started` is not stored yet: told here too, so that a report that is
   * late never sends a run back that has begun. Absent: the agent is too old to say.
   */
  started: z.array(runEpochSchema).max(10_000).optional(),
  clock: instantSchema,
  status: agentStatusSchema,
});
export type Renew = z.infer<typeof renewSchema>;

export const renewReplySchema = z.object({
  /** True: send the full list now. */
  sendFull: z.boolean(),
  /** Runs that are not the agent's any more: kill the child, keep the records. */
  notYours: z.array(runEpochSchema),
  /** Runs that shall end: TERM, grace, KILL. Repeated until it is so. */
  cancel: z.array(runEpochSchema),
  /** Runs whose process shall wait or leave. Repeated until it is so. */
  hold: z.array(heldRunSchema).optional(),
  /** The pool asks for no new claims. */
  drain: z.boolean(),
  serverTime: instantSchema,
  timeline: z.number().int(),
});
export type RenewReply = z.infer<typeof renewReplySchema>;

/** Beside a claim that stands: the renewal of an agent that holds nothing. */
export const idleRenewalSchema = z.object({
  clock: instantSchema,
  /** The Postgres timeline the agent knows of, null before it was told one. */
  timeline: z.number().int().nullable(),
  status: agentStatusSchema,
});
export type IdleRenewal = z.infer<typeof idleRenewalSchema>;

/** Answer to a claim that stands, of which nothing came: there is something to tell, ask for a renewal. */
export const renewFirstSchema = z.object({ renew: z.literal(true) });
export type RenewFirst = z.infer<typeof renewFirstSchema>;

/** The text whose SHA-256 names a set: `<uuid>:<epoch>` lines in ascending byte order, joined by a newline. */
export function holdingText(holding: readonly RunEpoch[], toUuid: (run: string) => string): string {
  return holding
    .map(({ run, epoch }) => `${toUuid(run)}:${epoch}`)
    .sort()
    .join('\n');
}
