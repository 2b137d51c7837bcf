/** An agent introduces itself, and is told its session, its pool and the rules it lives by. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { durationMsSchema, instantSchema } from '../time.ts';
import { runEpochSchema, sessionSchema, stretchSchema } from './wire.ts';

export const helloSchema = z.object({
  v: z.literal(1),
  /** Protocol versions the agent speaks, lowest and highest. */
  protocol: z.object({ min: z.number().int(), max: z.number().int() }),
  agentVersion: z.string().max(50),
  host: z.object({
    hostname: z.string().max(255),
    os: z.string().max(50),
    arch: z.string().max(50),
    cpus: z.number().int().min(1),
    memoryBytes: z.number().int().min(0),
    nodeVersion: z.string().max(50),
  }),
  /** Runs it will hold at once, and processes (warm ones included) it will keep. */
  slots: z.number().int().min(1).max(10_000),
  maxProcesses: z.number().int().min(1).max(20_000),
  launchers: z.array(z.string().max(50)).max(20),
  /** The agent's own clock, only to show how far off it is. */
  clock: instantSchema,
  /** Names the journal on disk; its report positions count from 1 in it. */
  spoolId: z.uuid(),
  /** Runs it still holds from before (children it re-adopted). */
  holding: z.array(runEpochSchema).max(10_000),
  /** Which of them, when one message cannot hold all: renewals tell of the others. Absent: all. */
  stretch: stretchSchema.optional(),
});
export type Hello = z.infer<typeof helloSchema>;

export const helloReplySchema = z.object({
  session: sessionSchema,
  serverTime: instantSchema,
  protocol: z.number().int(),
  workspace: z.object({ id: idSchema('workspace'), slug: z.string() }),
  pool: z.object({ id: idSchema('workPool'), name: z.string() }),
  /** Where offers wait: a stream and a durable consumer on it, made for this pool. */
  offers: z.object({ stream: z.string(), consumer: z.string() }),
  renewEveryMs: durationMsSchema,
  /** How long a claim lives without renewal. */
  leaseMs: durationMsSchema,
  /** Bounds of the jittered claim an agent makes by itself, offers or not. */
  claimEveryMs: z.object({ min: durationMsSchema, max: durationMsSchema }),
  /** How long a claim may stand until it is said again (`stand`). Absent: claims do not stand. */
  standMs: durationMsSchema.optional(),
  /** Bounds of the jittered time after which an agent that holds nothing says its claim again, with its renewal. Absent: claims do not renew. */
  idleEveryMs: z.object({ min: durationMsSchema, max: durationMsSchema }).optional(),
  /** How long before its due instant a run may be claimed. */
  prefetchMs: durationMsSchema,
  /** Postgres timeline; when it changes, replay the spool that is kept behind the watermark. */
  timeline: z.number().int(),
  /** Positions up to which reports of this spool are stored, for good. */
  watermarks: z.object({ state: z.number().int(), bulk: z.number().int() }),
  /** Runs of `holding` that are not the agent's any more: kill the child, keep the records. */
  notYours: z.array(runEpochSchema),
});
export type HelloReply = z.infer<typeof helloReplySchema>;

/** Last word of an agent that drains to the end. */
export const byeSchema = z.object({ v: z.literal(1), session: sessionSchema, reason: z.string().max(200) });
export type Bye = z.infer<typeof byeSchema>;
